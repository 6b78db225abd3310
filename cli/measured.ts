/** `plan --measure`: the zones on a PowerDNS of this machine, moved to loopback. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { requireAddress, serverModel } from '../agent/model.ts';
import { noGeo } from '../geoip/location.ts';
import { UserError } from '../input/errors.ts';
import { type LoopbackTargets, onLoopback, zoneText } from '../planner/loopback.ts';
import type { PlanInput } from '../planner/make-plan.ts';
import { type Capacity, type LuaRecords, measureServer } from '../planner/measure.ts';
import { powerDnsHere, startMeasured } from '../planner/rig.ts';
import { surveyOf } from '../planner/survey.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { luaModule } from '../wire/lua-module.ts';

const TARGETS = 16;
const NETWORK = '127.0.77';
const MODES: readonly LuaRecords[] = ['yes', 'shared'];
/** Enough to be about the records; every further one is one more check of the server that is measured. */
const MOST_NAMES = 500;

export async function measured(zones: readonly Zone[], { fleet }: PlanInput): Promise<readonly Capacity[]> {
  const [first] = fleet.servers;
  if (first === undefined) return [];
  const binary = await powerDnsHere(first.profile.line);
  const targets = await startTargets();
  try {
    const moved = zones.map((zone) => onLoopback(zone, targets));
    const { profile, settings } = first;
    const model = serverModel({
      profile,
      settings,
      zones: moved,
      geo: noGeo,
      lua: new LuaHost({ module: luaModule(), profile }),
      address: { address: '127.0.0.1', port: 53 },
      usesClientSubnets: false,
    });
    const client = requireAddress('127.0.0.1');
    const safe = surveyOf(moved, model, { client, subnets: [undefined] })
      .filter(({ warm, standby, opaque }) => opaque === undefined && [...warm, ...standby].every(isLoopback))
      .slice(0, MOST_NAMES);
    if (safe.length === 0) {
      throw new UserError(
        'E_NOTHING_TO_MEASURE',
        'no record of these zones can be measured without probing its targets',
        {
          hint: 'Records that are measured name their targets as addresses in quotes.',
        },
      );
    }
    const files = Object.fromEntries(
      moved.map(({ name }) => [
        name,
        zoneText({ name, records: safe.flatMap((own) => (own.zone === name ? own.records : [])) }),
      ]),
    );
    const questions = safe.map(({ questionName: name, type }) => ({ name, type, client, ednsSize: 1232 }));
    const capacities: Capacity[] = [];
    for (const luaRecords of MODES) {
      const server = await startMeasured(binary, luaRecords, files);
      try {
        capacities.push(await measureServer(server, luaRecords, questions));
      } finally {
        await server.stop();
      }
    }
    return capacities;
  } finally {
    await targets.close();
  }
}

function isLoopback({ address }: { readonly address: string }): boolean {
  return address.startsWith('127.') || address === '::1';
}

async function startTargets(): Promise<LoopbackTargets & { close(): Promise<void> }> {
  const servers: Server[] = [];
  const listen = async (address: string, port: number): Promise<number> => {
    const server = createServer((_request, response) => response.end('ok'));
    server.listen(port, address);
    await once(server, 'listening');
    servers.push(server);
    const bound = server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : port;
  };
  const addresses = Array.from({ length: TARGETS }, (_, i) => `${NETWORK}.${i + 1}`);
  const port = await listen(addresses[0] ?? NETWORK, 0);
  for (const address of addresses.slice(1)) await listen(address, port);
  const close = async () => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  };
  return { addresses, port, close };
}

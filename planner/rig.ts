/** The PowerDNS servers of this machine, as far as plans need them. */
import { existsSync } from 'node:fs';
import { UserError } from '../input/errors.ts';
import { findServers, startPowerDns } from '../wire/rig/rig.ts';
import type { ServerBinary } from '../wire/rig/server-binary.ts';
import type { LuaRecords, MeasuredServer } from './measure.ts';

export type { ServerBinary };

const PACKAGED = '/usr/sbin/pdns_server';

/** `PDNS_SERVER`, else the one that is installed, else one of the line that was unpacked for tests. Throws `E_NO_POWERDNS`. */
export async function powerDnsHere(line: string): Promise<ServerBinary> {
  const named = process.env.PDNS_SERVER ?? (existsSync(PACKAGED) ? PACKAGED : undefined);
  const environment = named === undefined ? process.env : { ...process.env, PDNS_SERVER: named };
  const { servers, missing } = await findServers(environment);
  const found =
    servers.find(({ origin }) => origin === 'PDNS_SERVER') ?? servers.find((server) => server.line === line);
  if (found !== undefined) return found;
  const why = missing.find((each) => each.line === 'PDNS_SERVER')?.reason;
  throw new UserError('E_NO_POWERDNS', `there is no PowerDNS to measure${why === undefined ? '' : `: ${why}`}`, {
    hint: 'Name one with PDNS_SERVER=/usr/sbin/pdns_server.',
    exitCode: 3,
  });
}

export interface StoppableServer extends MeasuredServer {
  stop(): Promise<void>;
}

/** One thread that answers, no packet cache: what is counted is the work of one core for questions that were never asked before. */
export async function startMeasured(
  binary: ServerBinary,
  luaRecords: LuaRecords,
  zones: Readonly<Record<string, string>>,
): Promise<StoppableServer> {
  const server = await startPowerDns({
    binary,
    zones,
    api: false,
    settings: {
      'enable-lua-records': luaRecords,
      'receiver-threads': '1',
      'distributor-threads': '1',
      'cache-ttl': '0',
      loglevel: '3',
    },
  });
  const { address, port, pid } = server;
  return { version: binary.version, address, port, pid, stop: () => server.stop() };
}

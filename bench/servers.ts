/** The real servers to hold predictions against: one records' Lua state a query, one that shares it. */
import { UserError } from '../input/errors.ts';
import { describeResult, installServers } from '../wire/rig/install.ts';
import { findServers, type RunningPowerDns, startPowerDns } from '../wire/rig/rig.ts';
import type { ServerBinary } from '../wire/rig/server-binary.ts';

const LINE = '5.1';

export type LuaMode = 'yes' | 'shared';

/** `PDNS_SERVER`, else a PowerDNS 5.1 that the rig has or installs. Throws `E_NO_POWERDNS`. */
export async function requirePowerDns(): Promise<ServerBinary> {
  const { servers } = await findServers();
  const here = servers.find(({ origin }) => origin === 'PDNS_SERVER') ?? servers.find(({ line }) => line === LINE);
  if (here !== undefined) return here;
  const [result] = await installServers({ lines: [LINE] });
  if (result?.kind === 'installed') return result.server;
  throw new UserError('E_NO_POWERDNS', `no PowerDNS ${LINE} to measure against`, {
    hint: `${result === undefined ? '' : `${describeResult(result)}. `}Name one with PDNS_SERVER=/usr/sbin/pdns_server.`,
    exitCode: 3,
  });
}

/** One thread takes questions and answers them, so that a server has one core, as a predictor has. No packet is answered twice. */
export function startServer(
  binary: ServerBinary,
  luaRecords: LuaMode,
  zones: Readonly<Record<string, string>>,
  geoipFile: string,
): Promise<RunningPowerDns> {
  return startPowerDns({
    binary,
    zones,
    geoipFiles: [geoipFile],
    api: false,
    settings: {
      'enable-lua-records': luaRecords,
      'receiver-threads': '1',
      'distributor-threads': '1',
      'cache-ttl': '0',
      // Less is heard of its work. Without distributing threads it would not say either that it is ready to distribute.
      loglevel: '3',
    },
  });
}

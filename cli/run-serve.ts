/** `serve`: an authoritative DNS server that answers as a PowerDNS would. */
import { formatEndpoint, parseEndpoint } from '../agent/config.ts';
import { serveShadow } from '../agent/serve.ts';
import { UserError } from '../input/errors.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';
import { readConfigDir } from '../wire/pdns-conf.ts';
import type { ServeFlags } from './serve.ts';
import { version } from './version.ts';

export async function runServe(flags: ServeFlags): Promise<void> {
  const configDir = flags['config-dir'];
  const line = RELEASE_LINES.find((each) => each === flags.pdns) ?? '5.1';
  const told = new Set<string>();
  const shadow = await serveShadow({
    configDir,
    profile: PROFILES[line],
    listen: await listenOf(flags),
    version,
    onWarning: ({ code, message }) => {
      if (told.has(message)) return;
      told.add(message);
      console.error(`${message} (${code})`);
    },
  });
  for (const warning of shadow.warnings) console.error(warning);
  const zones = shadow.zones.length;
  console.log(
    `Listening on ${formatEndpoint(shadow.endpoint)} as PowerDNS ${line} with ${zones} zone${zones === 1 ? '' : 's'}`,
  );
  await new Promise<void>((done) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => done());
  });
  await shadow.close();
  process.exit(0);
}

async function listenOf(flags: ServeFlags) {
  const [configured] = (await readConfigDir(flags['config-dir'])).localAddresses;
  const address = flags['local-address'] ?? configured?.address ?? '127.0.0.1';
  const port = flags['local-port'] ?? `${configured?.port ?? 53}`;
  const endpoint = parseEndpoint(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
  if (endpoint !== undefined) return endpoint;
  throw new UserError('E_LISTEN', `--local-address ${address} --local-port ${port}: not an address and a port`, {
    hint: 'One address, such as --local-address 127.0.0.1 --local-port 5300.',
  });
}

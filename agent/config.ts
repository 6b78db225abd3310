/** The agent's configuration file: what it is, its defaults, and errors that say where and what to write instead. */
import { isIP } from 'node:net';
import { z } from 'zod';
import { type Prefix, parsePrefix } from '../geoip/address.ts';
import { parseDuration } from '../input/duration.ts';
import { type InputPlace, together, UserError } from '../input/errors.ts';
import { parseYaml } from '../input/yaml-document.ts';
import { checkYaml } from '../input/yaml-schema.ts';
import { RELEASE_LINES } from '../simulator/profile/profile.ts';
import { canonicalName } from '../simulator/zone/name.ts';

export { parseDuration };

const SHORTEST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 86_400_000;

const duration = z
  .string({ error: 'expected a duration with its unit, such as 5s, 500ms, 1h' })
  .refine((text) => parseDuration(text) !== undefined, 'expected a duration with its unit, such as 5s, 500ms, 1h')
  .transform((text) => parseDuration(text) ?? 0);

/** Again and again without a pause is no service, and a timer that waits longer than 24 days does not wait at all. */
const pause = duration.refine(
  (ms) => ms >= SHORTEST_PAUSE_MS && ms <= LONGEST_PAUSE_MS,
  'expected a duration from 50ms to 1d, such as 5s',
);

const endpoint = z
  .string({ error: 'expected ADDRESS:PORT, such as 127.0.0.1:53' })
  .refine((text) => parseEndpoint(text) !== undefined, 'expected ADDRESS:PORT, such as 127.0.0.1:53 or [::1]:53')
  .transform((text): Endpoint => parseEndpoint(text) ?? { address: '', port: 0 });

const httpUrl = z
  .string()
  .refine((text) => /^https?:\/\/[^/]+/.test(text), 'expected a URL such as http://127.0.0.1:8081');

const zoneName = z
  .string()
  .refine((text) => isName(text), 'expected the name of a zone: a transfer cannot list the zones there are');

const source = z.union(
  [
    z.strictObject({ api: httpUrl, keyFile: z.string(), zones: z.array(z.string()).default(['*']) }),
    z.strictObject({ configDir: z.string() }),
    z.strictObject({ zoneFiles: z.array(z.string()).min(1) }),
    z.strictObject({ axfr: endpoint, zones: z.array(zoneName).min(1), notify: endpoint.optional() }),
  ],
  { error: 'expected { api, keyFile, zones? }, { configDir }, { zoneFiles } or { axfr, zones, notify? }' },
);

const subnet = z
  .string({ error: 'expected a network such as 198.51.100.0/24' })
  .refine((text) => parsePrefix(text) !== undefined, 'expected a network such as 198.51.100.0/24, host bits clear')
  .transform((text): Prefix => parsePrefix(text) ?? { address: { family: 4, bytes: new Uint8Array(4) }, length: 0 });

const ratePerSecond = z
  .number({ error: 'expected a number above 0, up to 10000' })
  .refine((rate) => rate > 0 && rate <= 10_000, 'expected a number above 0, up to 10000');

const probeCount = z
  .number({ error: 'expected a whole number from 1 to 10000' })
  .refine(
    (count) => Number.isInteger(count) && count >= 1 && count <= 10_000,
    'expected a whole number from 1 to 10000',
  );

const LEAST_KEPT_MS = 60_000;

const schema = z.strictObject({
  servers: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        address: endpoint,
        profile: z
          .enum(['auto', ...RELEASE_LINES], { error: `expected auto or one of ${RELEASE_LINES.join(', ')}, in quotes` })
          .default('auto'),
        source,
      }),
    )
    .min(1, 'expected at least one server'),
  clients: z
    .array(z.strictObject({ name: z.string().min(1), subnet: subnet.optional() }))
    .min(1)
    .default([{ name: 'plain' }]),
  geoip: z.string().optional(),
  crossCheck: z
    .strictObject({
      interval: pause.default(5000),
      queriesPerSecond: ratePerSecond.default(50),
      timeout: pause.default(2000),
    })
    .prefault({}),
  probes: z.strictObject({ concurrency: probeCount.default(256) }).prefault({}),
  history: z
    .strictObject({
      path: z.string().min(1, 'expected the path of a file'),
      keep: duration.refine((ms) => ms >= LEAST_KEPT_MS, 'expected at least 1m').default(7 * 86_400_000),
    })
    .optional(),
  sourceRefresh: pause.default(5000),
  listen: endpoint.default({ address: '127.0.0.1', port: 9953 }),
});

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Durations are milliseconds. */
export type AgentConfig = z.output<typeof schema>;
export type ServerConfig = AgentConfig['servers'][number];
export type SourceConfig = ServerConfig['source'];
export type ClientConfig = AgentConfig['clients'][number];

/** Reads a configuration. Throws `UserError` `E_CONFIG` with everything that is wrong, each with its place. */
export function parseConfig(text: string, file: string): AgentConfig {
  const yaml = parseYaml(text, file, CODE);
  const checked = checkYaml(yaml, schema, { key: CODE, value: CODE }, 'expected a mapping that starts with servers:');
  if (checked.kind === 'wrong') throw together(checked.problems);
  refuseEqualNames(checked.value, yaml.placeOfPath);
  return checked.value;
}

const CODE = 'E_CONFIG';

/** The configuration of `agent --config-dir DIR`: one server, everything else by default. */
export function configForDirectory(configDir: string, address: Endpoint, geoip: string | undefined): AgentConfig {
  return schema.parse({
    servers: [{ name: 'pdns', address: formatEndpoint(address), source: { configDir } }],
    ...(geoip === undefined ? {} : { geoip }),
  });
}

/** `127.0.0.1:53`, `[::1]:53`; undefined for anything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text.trim());
  const address = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  return isIP(address) === 0 || port > 65_535 ? undefined : { address, port };
}

export function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function isName(text: string): boolean {
  try {
    return text !== '' && text !== '*' && canonicalName(text) !== '';
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function refuseEqualNames(config: AgentConfig, placeOf: (path: readonly PropertyKey[]) => InputPlace): void {
  const [first, ...rest] = (['server', 'client'] as const).flatMap((what) => {
    const names = config[`${what}s`].map(({ name }) => name);
    return names.flatMap((name, i) => {
      if (names.indexOf(name) === i) return [];
      return new UserError(CODE, `two ${what}s are named '${name}'`, {
        place: placeOf([`${what}s`, i, 'name']),
        hint: `Names are labels of metrics, so each ${what} needs one of its own.`,
      });
    });
  });
  if (first !== undefined) throw together([first, ...rest]);
}

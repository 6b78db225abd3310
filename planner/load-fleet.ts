/** Fleet files: the servers that a plan is made for. */
import { z } from 'zod';
import { parseComboAddress } from '../geoip/address.ts';
import { parseDuration } from '../input/duration.ts';
import { together, UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';
import { parseYaml, type YamlDocument } from '../input/yaml-document.ts';
import { checkYaml } from '../input/yaml-schema.ts';
import { canonicalName } from '../simulator/health/check-names.ts';
import { profileOfVersion } from '../simulator/profile/index.ts';
import { type Profile, RELEASE_LINES } from '../simulator/profile/profile.ts';
import {
  DEFAULT_CROSS_CHECK,
  DEFAULT_TARGETS,
  type Fleet,
  type FleetServer,
  fleetServer,
  type TargetState,
} from './fleet.ts';

const EXPECTED_DURATION = 'expected a duration with its unit, such as 5s or 20ms';
const seconds = z
  .string({ error: EXPECTED_DURATION })
  .refine((text) => parseDuration(text) !== undefined, EXPECTED_DURATION)
  .transform((text) => (parseDuration(text) ?? 0) / 1000);

const EXPECTED_COUNT = 'expected a whole number from 1 to 1000000';
const count = z
  .number({ error: EXPECTED_COUNT })
  .int(EXPECTED_COUNT)
  .min(1, EXPECTED_COUNT)
  .max(1_000_000, EXPECTED_COUNT);
const bytes = z
  .number({ error: 'expected a number of bytes' })
  .int('expected whole bytes')
  .min(0, 'expected a number of bytes');
const name = z
  .string({ error: 'expected a name' })
  .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'expected a name: a letter, then letters, digits, -, _ and dots');

const version = z
  .string({ error: `expected a release in quotes, such as "4.9" or "4.9.17"` })
  .refine((text) => profileOfVersion(text) !== undefined, `expected a release of ${RELEASE_LINES.join(', ')}`);

const EXPECTED_TARGET =
  'expected an IP address such as 192.0.2.10, one with a port, the URL of a check, or the host of that with its dots';
/** What the names of a check can look like. */
const target = z
  .string({ error: EXPECTED_TARGET })
  .refine(
    (text) =>
      parseComboAddress(text) !== undefined || /^https?:\/\/./i.test(text) || /^[\w-]+(?:\.[\w-]+)+\.?$/.test(text),
    EXPECTED_TARGET,
  );

const STATES = ['answers', 'refuses', 'hangs'] as const satisfies readonly TargetState[];

const fleetFile = z.strictObject({
  servers: z
    .array(
      z.strictObject({
        name,
        vantage: name.optional(),
        pdns: version.optional(),
        settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
        front: z.strictObject({ queriesPerSecond: count }).optional(),
      }),
    )
    .min(1, 'expected at least one server'),
  targets: z
    .strictObject({
      latency: seconds.default(DEFAULT_TARGETS.latencySeconds),
      responseBytes: bytes.default(DEFAULT_TARGETS.responseBytes),
      tlsBytes: bytes.default(DEFAULT_TARGETS.tlsBytes),
      states: z.record(target, z.enum(STATES)).default({}),
    })
    .prefault({}),
  crossCheck: z
    .strictObject({
      interval: seconds
        .refine((value) => value > 0, 'expected more than 0s')
        .default(DEFAULT_CROSS_CHECK.intervalSeconds),
      queriesPerSecond: count.default(DEFAULT_CROSS_CHECK.queriesPerSecond),
      clients: count.default(DEFAULT_CROSS_CHECK.clients),
    })
    .prefault({}),
});

/** What is not said in the file comes from where the zones come from. */
export interface FleetDefaults {
  readonly profile: Profile;
  readonly settings: ReadonlyMap<string, string>;
}

/**
 * Reads a fleet. Throws `UserError` with everything that is wrong, each with its place: `E_FLEET_SYNTAX` (no YAML), `_KEY` (unknown
 * or missing), `_VALUE`, `_NAME` (two servers of one name), `_SETTING` (a setting that decides nothing here, or a value that it does not take).
 */
export function loadFleet(text: string, file: string, defaults: FleetDefaults): Fleet {
  const yaml = parseYaml(text, file, 'E_FLEET_SYNTAX');
  const codes = { key: 'E_FLEET_KEY', value: 'E_FLEET_VALUE' };
  const checked = checkYaml(yaml, fleetFile, codes, 'expected a mapping that starts with servers:');
  if (checked.kind === 'wrong') throw together(checked.problems);
  const { servers, targets, crossCheck } = checked.value;
  const [first, ...rest] = [
    ...equalNames(servers, yaml),
    ...servers.flatMap((each, i) => wrongSettings(each, i, yaml)),
  ];
  if (first !== undefined) throw together([first, ...rest]);
  return {
    servers: servers.map((server) => serverOf(server, defaults)),
    targets: {
      latencySeconds: targets.latency,
      responseBytes: targets.responseBytes,
      tlsBytes: targets.tlsBytes,
      states: new Map(Object.entries(targets.states).map(([text, state]) => [canonicalName(text), state])),
    },
    crossCheck: {
      intervalSeconds: crossCheck.interval,
      queriesPerSecond: crossCheck.queriesPerSecond,
      clients: crossCheck.clients,
    },
  };
}

/** One server, as the source of the zones describes it. */
export function fleetOfOne(defaults: FleetDefaults): Fleet {
  return {
    servers: [fleetServer({ name: 'pdns', ...defaults })],
    targets: DEFAULT_TARGETS,
    crossCheck: DEFAULT_CROSS_CHECK,
  };
}

type ServerEntry = z.output<typeof fleetFile>['servers'][number];

/** What PowerDNS itself would refuse, or quietly take for something else. */
interface Values {
  readonly are: RegExp;
  readonly expected: string;
}

const YES_NO: Values = { are: /^(?:yes|no)$/, expected: 'yes or no' };
const WHOLE_SECONDS: Values = { are: /^[1-9]\d{0,6}$/, expected: 'whole seconds, 1 or more, without a unit' };

/** Settings that decide what is probed, and when. */
const SETTINGS: ReadonlyMap<string, Values> = new Map([
  ['enable-lua-records', { are: /^(?:yes|no|shared)$/, expected: 'yes, no or shared' }],
  ['edns-subnet-processing', YES_NO],
  ['lua-health-checks-interval', WHOLE_SECONDS],
  ['lua-health-checks-expire-delay', WHOLE_SECONDS],
  ['lua-records-insert-whitespace', YES_NO],
]);

function serverOf(entry: ServerEntry, defaults: FleetDefaults): FleetServer {
  return fleetServer({
    name: entry.name,
    vantage: entry.vantage ?? entry.name,
    profile: (entry.pdns === undefined ? undefined : profileOfVersion(entry.pdns)) ?? defaults.profile,
    settings: new Map([...defaults.settings, ...settingsOf(entry)]),
    frontQueriesPerSecond: entry.front?.queriesPerSecond,
  });
}

function settingsOf({ settings }: ServerEntry): [string, string][] {
  return Object.entries(settings).map(([setting, value]) => [setting, settingText(value)]);
}

function wrongSettings(entry: ServerEntry, index: number, yaml: YamlDocument): UserError[] {
  return settingsOf(entry).flatMap(([setting, value]) => {
    const place = yaml.placeOfPath(['servers', index, 'settings', setting]);
    const values = SETTINGS.get(setting);
    if (values === undefined) {
      const known = [...SETTINGS.keys()];
      const meant = closestWord(setting, known);
      const hint = meant === undefined ? `There are: ${known.join(', ')}.` : `Did you mean '${meant}'?`;
      return new UserError('E_FLEET_SETTING', `${setting} decides nothing that is planned here`, { place, hint });
    }
    if (values.are.test(value)) return [];
    return new UserError('E_FLEET_SETTING', `${setting} is '${value}'`, { place, hint: `Write ${values.expected}.` });
  });
}

/** YAML's true and false are what people write for yes and no. */
function settingText(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return `${value}`;
}

function equalNames(servers: readonly ServerEntry[], yaml: YamlDocument): UserError[] {
  const names = servers.map(({ name }) => name);
  return names.flatMap((name, i) => {
    if (names.indexOf(name) === i) return [];
    return new UserError('E_FLEET_NAME', `two servers are named '${name}'`, {
      place: yaml.placeOfPath(['servers', i, 'name']),
      hint: 'Give each server a name of its own; servers that stand in one place share a vantage.',
    });
  });
}

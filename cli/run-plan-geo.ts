/** `plan geo` and `plan merge`: read, divide, work out, show. */
import { availableParallelism } from 'node:os';
import { readOnce } from '../agent/read-once.ts';
import { formatAddress, parseAddress } from '../geoip/address.ts';
import type { Coordinates } from '../geoip/distance.ts';
import { geoView } from '../geoip/location.ts';
import { UserError } from '../input/errors.ts';
import { parseShard } from '../input/shard.ts';
import { closestWord } from '../input/spelling.ts';
import { atlasOf } from '../planner/geo/atlas.ts';
import { gridOf } from '../planner/geo/grid.ts';
import { headOf, mergeResults, type Results, resultLine } from '../planner/geo/results.ts';
import { parseRegion } from '../planner/geo/state.ts';
import { needsOf, type Sweep, shardOf, sweepOf } from '../planner/geo/sweep.ts';
import { parseTraffic } from '../planner/geo/traffic.ts';
import { parseWeights, type WeightsOf, withWeights } from '../planner/geo/weights.ts';
import type { Zone } from '../simulator/zone/record.ts';
import { watchedNames } from '../simulator/zone/watched-name.ts';
import { readTextFile } from './files.ts';
import { runJobs } from './geo-pool.ts';
import { type GeoServer, geoModel } from './geo-task.ts';
import { addressFlag, databasesFor, geoFilesOf, profileFor, sourceOf, warnOf } from './option-values.ts';
import type { PlanGeoFlags, PlanMergeFlags } from './plan-geo.ts';
import { printLines } from './print.ts';
import { showResults } from './show-geo.ts';

/** A proxy or resolver on the machine, in no database. */
const DEFAULT_RESOLVER = '127.0.0.1';

export async function runPlanGeo(flags: PlanGeoFlags): Promise<void> {
  const shard = flags.shard === undefined ? undefined : parseShard(flags.shard);
  if (shard !== undefined && flags.format !== 'jsonl') {
    throw new UserError('E_USAGE', '--shard needs --format jsonl', {
      hint: 'A shard is a part: plan merge shows the whole.',
    });
  }
  const threads = threadsFlag(flags.threads);
  const regions = (flags.region ?? []).map(parseRegion);
  const places = new Map((flags.place ?? []).map(parsePlace));
  const resolvers = (flags.resolver ?? [DEFAULT_RESOLVER]).map((text) => addressFlag('--resolver', text));
  const whatIfWeights = (flags['what-if-weights'] ?? []).map(parseWeights);
  const source = sourceOf(flags);
  const reading = await readOnce(source);
  warnOf(reading.warnings);
  const zones = chosen(reading.zones, flags.name);
  refuseWrongWeights(zones, whatIfWeights);
  const trafficText = flags.traffic === undefined ? undefined : await readTraffic(flags.traffic);
  const traffic = trafficText === undefined ? [] : parseTraffic(trafficText, flags.traffic ?? '');
  const geoFiles = geoFilesOf(flags.geoip, source, reading);
  const databases = await databasesFor(geoFiles);
  const server: GeoServer = { line: profileFor(flags.pdns, reading).line, settings: reading.settings, zones, geoFiles };
  const model = geoModel(server, databases);
  const { masks, ...needs } = needsOf(zones, model);
  const views = [geoView(databases)];
  const atlas = atlasOf({ databases, views, masks: [...masks.values()], traffic, ...needs });
  const sweep = sweepOf(zones, model, atlas, { regions, whatIfWeights, places, resolvers });
  warnOf([
    ...(databases.length === 0 && traffic.length === 0 ? [NO_CLIENTS] : []),
    ...strangers(sweep, [
      ...regions.map(({ name, addresses }) => ({ flag: `--region ${name}`, addresses })),
      { flag: '--place', addresses: [...places.keys()] },
    ]),
  ]);
  const task = { ...server, sweep, atlas, knownMasks: new Set(masks.keys()) };
  const jobs = shard === undefined ? sweep.jobs : shardOf(sweep.jobs, shard);
  const head = headOf({
    profile: server.line,
    sweep,
    databases,
    resolvers: resolvers.map(formatAddress),
    grid: gridOf(atlas),
    inputs: [trafficText ?? '', JSON.stringify(zones), JSON.stringify([...reading.settings])],
  });
  if (flags.prefixes !== undefined) {
    const { writePrefixes } = await import('./geo-files.ts');
    await writePrefixes(flags.prefixes, { sweep, zones, model, databases });
  }
  const lines = [resultLine(head), ...(await runJobs({ task, jobs, databases, threads }))];
  if (flags.format === 'jsonl' && flags.map === undefined) return printLines(lines);
  // Through the same door as what shards wrote.
  await show(mergeResults([{ file: 'results', text: lines.join('\n') }]), flags);
}

const NO_CLIENTS =
  'there is no GeoIP database: clients are told apart by the networks in the code alone, and picks by hash are not ' +
  'counted. Give --geoip FILE, or --traffic FILE.csv for the networks of your clients.';

/** Addresses of flags that no record answers with: most likely slips of the pen. */
function strangers({ records }: Sweep, named: readonly { flag: string; addresses: readonly string[] }[]): string[] {
  const targets = new Set(records.flatMap((record) => record.targets));
  return named.flatMap(({ flag, addresses }) =>
    addresses
      .filter((address) => !targets.has(address))
      .map((address) => `${flag} names ${address}, which none of these records answers with`),
  );
}

export async function runPlanMerge(flags: PlanMergeFlags): Promise<void> {
  const hint = 'Name what plan geo --format jsonl wrote.';
  const files = await Promise.all(
    flags.file.map(async (file) => ({ file, text: await readTextFile(file, 'E_RESULTS_FILE', 'the results', hint) })),
  );
  await show(mergeResults(files), flags);
}

async function show(results: Results, flags: Pick<PlanMergeFlags, 'format' | 'map' | 'all'>): Promise<void> {
  if (flags.map !== undefined) {
    const { writeMap } = await import('./geo-files.ts');
    await writeMap(flags.map, results);
  }
  await showResults(results, flags.format, flags.all);
}

function chosen(zones: readonly Zone[], names: readonly string[] | undefined): readonly Zone[] {
  const watched = watchedNames(zones);
  if (watched.length === 0) {
    throw new UserError(
      'E_NO_LUA',
      `there are no LUA records in the zones that were read (${zones.map(({ name }) => name).join(', ') || 'none'})`,
      {
        hint: "Geography is about records such as: api 30 IN LUA A \"pickclosest({'192.0.2.1', '192.0.2.2'})\".",
      },
    );
  }
  if (names === undefined) return zones;
  const owners = watched.map(({ owner }) => owner.toLowerCase());
  const wanted = names.map((name) => (name.endsWith('.') ? name : `${name}.`).toLowerCase());
  for (const name of wanted) {
    if (owners.includes(name)) continue;
    const meant = closestWord(name, owners);
    throw new UserError('E_NAME_ABSENT', `there is no LUA record ${name}`, {
      hint:
        meant === undefined ? `There are: ${[...new Set(owners)].slice(0, 10).join(', ')}.` : `Did you mean ${meant}?`,
    });
  }
  // Others stay where code is included from, or aliases lead.
  return zones.map((zone) => ({
    ...zone,
    records: zone.records.filter(
      (record) => record.kind !== 'lua' || record.type === 'LUA' || wanted.includes(record.owner.toLowerCase()),
    ),
  }));
}

function refuseWrongWeights(zones: readonly Zone[], all: readonly WeightsOf[]): void {
  for (const weights of all) withWeights(zones, weights);
}

function readTraffic(file: string): Promise<string> {
  return readTextFile(file, 'E_TRAFFIC_FILE', 'the traffic', 'Name a CSV of network,weight.');
}

function threadsFlag(text: string | undefined): number {
  if (text === undefined) return Math.min(availableParallelism(), MOST_THREADS);
  const threads = Number(text);
  if (/^\d{1,4}$/.test(text) && threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new UserError('E_USAGE', `--threads ${text}: expected a number from 1 to ${MOST_THREADS}`, {
    hint: 'Write --threads 4.',
  });
}

const MOST_THREADS = 256;

function parsePlace(text: string): [string, Coordinates] {
  const [, written = '', north, east] = /^([^=]+)=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const address = parseAddress(written);
  const [latitude, longitude] = [Number(north), Number(east)];
  if (address !== undefined && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) {
    return [formatAddress(address), { latitude, longitude }];
  }
  throw new UserError('E_PLACE', `--place ${text}: expected ADDRESS=LATITUDE,LONGITUDE in degrees`, {
    hint: 'Write --place 192.0.2.1=50.11,8.68.',
  });
}

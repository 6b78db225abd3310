/** `geoip diff`: what another build of the databases changes. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { styleText } from 'node:util';
import { readOnce } from '../agent/read-once.ts';
import type { SourceReading } from '../agent/source.ts';
import { openDatabases } from '../geoip/database.ts';
import { UserError } from '../input/errors.ts';
import { someOf } from '../planner/finding.ts';
import { MEASURE_NAMES, MEASURES } from '../planner/geo/amounts.ts';
import { kilometres, percent } from '../planner/geo/findings.ts';
import { diffLines, type GeoDiff, geoDiff } from '../planner/geo/geo-diff.ts';
import { whyNot } from './files.ts';
import { geoModel } from './geo-task.ts';
import type { DiffFlags } from './geoip.ts';
import { profileFor, sourceOf, warnOf } from './option-values.ts';
import { printJson, printProse, printTable } from './print.ts';

const MOST_ROWS = 15;
const IPV4_ADDRESSES = MEASURES.indexOf('ipv4Addresses');

export async function runDiff(flags: DiffFlags): Promise<void> {
  const reading = await readingOf(flags);
  const [before, after] = [await openDatabases(flags.old), await openDatabases(flags.new)];
  const { zones, settings } = reading;
  const line = profileFor(flags.pdns, reading).line;
  const empty = geoModel({ line, settings, zones, geoFiles: undefined }, []);
  const input = { before, after, zones, modelWith: (geo: typeof empty.geo) => ({ ...empty, geo }) };
  const diff = geoDiff(input);
  if (flags.prefixes !== undefined) await writeChanges(flags.prefixes, input);
  if (flags.format === 'json') printJson(diff);
  else printDiff(diff);
}

async function readingOf(flags: DiffFlags): Promise<SourceReading> {
  const isGiven = [flags.zone, flags['config-dir'], flags.api].some((each) => each !== undefined);
  if (!isGiven) return { zones: [], serials: new Map(), settings: new Map(), warnings: [] };
  const reading = await readOnce(sourceOf(flags));
  warnOf(reading.warnings);
  return reading;
}

async function writeChanges(file: string, input: Parameters<typeof diffLines>[0]): Promise<void> {
  try {
    await pipeline(Readable.from(diffLines(input)), createWriteStream(file));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError('E_OUTPUT', `the prefixes cannot be written: ${whyNot(cause)}`, {
      place: { file },
      hint: 'Name a file in a folder that you can write to.',
      exitCode: 3,
      cause,
    });
  }
}

function printDiff({ clients, relocations, records, ...parts }: GeoDiff): void {
  const share = (part: readonly number[], measure: number) => {
    const all = clients[measure] ?? 0;
    return all === 0 ? '–' : percent((part[measure] ?? 0) / all);
  };
  const ofAddresses = (part: readonly number[]) => share(part, IPV4_ADDRESSES);
  printProse(
    `${ofAddresses(parts.relocated)} of IPv4 addresses are at another place in the new build, ${ofAddresses(parts.otherCountry)} in another country.\n`,
  );
  const unmoved = records.filter(({ moves }) => moves.length === 0);
  for (const { name, type, moves } of records) {
    if (moves.length === 0) continue;
    const moved = moves.reduce((sum, move) => sum + (move.clients[IPV4_ADDRESSES] ?? 0), 0);
    const [most] = moves;
    const rest = most === undefined ? '' : `; most of them from ${most.from} to ${most.to}`;
    printProse(
      `${name.replace(/\.$/, '')} ${type}: ${percent(moved / (clients[IPV4_ADDRESSES] || 1))} of IPv4 addresses are sent elsewhere${rest}.`,
    );
  }
  if (unmoved.length > 0) {
    const names = unmoved.map(({ name, type }) => `${name.replace(/\.$/, '')} ${type}`);
    printProse(`No client of ${someOf(names)} is sent elsewhere.`);
  }
  if (records.length > 0) console.log();
  const measures = MEASURES.slice(0, 4);
  const row = (name: string, part: readonly number[]) => [name, ...measures.map((_, measure) => share(part, measure))];
  printTable(
    ['clients', ...measures.map((measure) => MEASURE_NAMES[measure])],
    [
      row('at another place', parts.relocated),
      row('in another country', parts.otherCountry),
      row('only in the new', parts.appeared),
      row('only in the old', parts.gone),
    ],
  );
  printRelocations(relocations);
}

function printRelocations(relocations: GeoDiff['relocations']): void {
  if (relocations.length === 0) return;
  console.log(`\n${styleText('bold', 'The largest')}`);
  printTable(
    ['from', 'to', 'apart', 'IPv4 addresses', 'IPv6 /48s', 'such as'],
    relocations
      .slice(0, MOST_ROWS)
      .map(({ from, to, km, clients, network }) => [
        from,
        to,
        kilometres(km),
        (clients[1] ?? 0).toLocaleString('en'),
        (clients[3] ?? 0).toLocaleString('en'),
        network,
      ]),
  );
}

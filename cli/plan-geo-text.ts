/** Geography for people: findings, then tables. */
import { styleText } from 'node:util';
import type { Finding } from '../planner/finding.ts';
import { MEASURE_NAMES, MEASURES, type Measure } from '../planner/geo/amounts.ts';
import type { StateFigures } from '../planner/geo/figures.ts';
import { countingOf, kilometres, percent, shareOf } from '../planner/geo/findings.ts';
import type { Results } from '../planner/geo/results.ts';
import { printFindings } from './findings-text.ts';
import { printProse, printTable } from './print.ts';

const MOST_FINDINGS = 20;
const MOST_RECORDS = 10;
const MOST_TARGETS = 8;

export function printGeoText({ head, states }: Results, findings: readonly Finding[], all: boolean): void {
  printFindings(findings, all ? Number.POSITIVE_INFINITY : MOST_FINDINGS);
  const counting = countingOf(head);
  const records = [...Map.groupBy(states, ({ name, type }) => `${name} ${type}`)];
  for (const [record, itsStates] of all ? records : records.slice(0, MOST_RECORDS)) {
    console.log(styleText(['bold', 'underline'], record));
    printShares(itsStates, all);
    printWays(itsStates, counting.measure);
    printHashes(itsStates, counting.measure);
    printFar(itsStates);
    printElsewhere(itsStates);
    printWarnings(itsStates);
  }
  if (!all && records.length > MOST_RECORDS)
    console.log(`… and ${records.length - MOST_RECORDS} more records: see --all\n`);
  const files = head.databases.map(({ type, builtAt }) => `${type} of ${builtAt.slice(0, 10)}`).join(', ');
  printProse(
    `PowerDNS ${head.profile}; ${files === '' ? 'no GeoIP database' : files}. Shares are of clients that a database holds. Ways are great circles, counted by ` +
      `${MEASURE_NAMES[counting.measure]}; the best are to the nearest target that is up. ECS off: clients ask through ${head.resolvers.join(', ')}.`,
  );
}

function shownMeasures(states: readonly StateFigures[]): Measure[] {
  return MEASURES.filter((_, i) => states.some(({ clients }) => (clients[i] ?? 0) > 0));
}

function printShares(states: readonly StateFigures[], all: boolean): void {
  const measures = shownMeasures(states);
  const rows = states.flatMap((state) => {
    const targets = all ? state.targets : state.targets.slice(0, MOST_TARGETS);
    const left = state.targets.length - targets.length;
    return [
      ...targets.map(({ target, clients }, i) => [
        i === 0 ? state.state : '',
        target,
        ...measures.map((measure) => percent(shareOf(state, [clients], { measure }))),
      ]),
      ...(left > 0 ? [['', `… and ${left} more`]] : []),
    ];
  });
  printTable(['state', 'target', ...measures.map((measure) => MEASURE_NAMES[measure])], rows);
  console.log();
}

function printWays(states: readonly StateFigures[], measure: Measure): void {
  const index = MEASURES.indexOf(measure);
  const way = (list: StateFigures['distance']['medianKm']) => {
    const km = list[index];
    return km == null ? '–' : kilometres(km);
  };
  printTable(
    ['state', 'moved', 'most to', 'median\nway', 'best\nmedian', '95 %\nwithin', 'best\n95 %'],
    states.map((state) => [
      state.state,
      state.stateKind === 'up'
        ? ''
        : percent(
            shareOf(
              state,
              state.moves.map(({ clients }) => clients),
              { measure },
            ),
          ),
      state.moves[0]?.to ?? '',
      way(state.distance.medianKm),
      way(state.distance.bestMedianKm),
      way(state.distance.p95Km),
      way(state.distance.bestP95Km),
    ]),
  );
  console.log();
}

function printHashes(states: readonly StateFigures[], measure: Measure): void {
  const index = MEASURES.indexOf(measure);
  const rows = states
    .filter(({ stateKind }) => stateKind === 'up' || stateKind === 'weights')
    .flatMap((state) => {
      const sum = (side: 'nominal' | 'real', at: number) =>
        state.hashed.reduce((all, each) => all + (each[side][at] ?? 0), 0);
      const share = (part: number, whole: number) => (whole === 0 ? '–' : percent(part / whole));
      return state.hashed.map((each, i) => [
        i === 0 ? state.state : '',
        each.target,
        share(each.nominal[index] ?? 0, sum('nominal', index)),
        share(each.real[0] ?? 0, sum('real', 0)),
        share(each.real[index] ?? 0, sum('real', index)),
      ]);
    });
  if (rows.length === 0) return;
  printTable(['by hash', 'target', 'nominal', 'of IPv4 networks', `of ${MEASURE_NAMES[measure]}`], rows);
  console.log();
}

function printFar(states: readonly StateFigures[]): void {
  const worst = states.find(({ stateKind }) => stateKind === 'up')?.far.worst ?? [];
  if (worst.length === 0) return;
  printTable(
    ['sent too far', 'network', 'to', 'way', 'nearest', 'way', 'why'],
    worst.map(({ where, network, sentTo, km, nearest, nearestKm, cause }) => [
      where,
      network,
      sentTo,
      kilometres(km),
      nearest,
      kilometres(nearestKm),
      cause === 'degrees' ? 'short degrees' : 'date line',
    ]),
  );
  console.log();
}

function printElsewhere(states: readonly StateFigures[]): void {
  const up = states.find(({ stateKind }) => stateKind === 'up');
  const [most] = up?.elsewhere ?? [];
  if (up === undefined || most === undefined) return;
  const addresses = up.elsewhere.reduce((sum, { clients }) => sum + (clients[1] ?? 0), 0);
  printProse(
    `${percent(addresses / 2 ** 32)} of the IPv4 address space is in no database; most of it is answered ${most.target}.\n`,
  );
}

function printWarnings(states: readonly StateFigures[]): void {
  for (const warning of new Set(states.flatMap(({ warnings }) => warnings))) printProse(`warning: ${warning}\n`);
}

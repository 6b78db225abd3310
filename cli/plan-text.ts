/** A plan for people: findings, then tables. */
import type { Bound } from '../planner/detection.ts';
import { short } from '../planner/finding.ts';
import type { Capacity } from '../planner/measure.ts';
import type { ProbePlan, RecordPlan, RoundLoad } from '../planner/plan.ts';
import { printFindings } from './findings-text.ts';
import { printProse, printTable } from './print.ts';

export interface PlanPrinting {
  readonly whatIf: { readonly changes: readonly string[]; readonly plan: ProbePlan } | undefined;
  readonly measured: readonly Capacity[] | undefined;
  readonly all: boolean;
}

const MOST_ROWS = 15;

export function printPlan(plan: ProbePlan, { whatIf, measured, all }: PlanPrinting): void {
  printFindings(plan.findings, Number.POSITIVE_INFINITY);
  printServers(plan);
  printTargets(plan, all);
  printRecords(plan, all);
  printValidator(plan);
  if (measured !== undefined) printCapacity(measured);
  if (whatIf !== undefined) printWhatIf(plan, whatIf);
  const { latencySeconds, responseBytes, tlsBytes, askedEverySeconds } = plan.assumptions;
  printProse(
    `\nAssumed: a probe of a target that is well takes ${short(latencySeconds * 1000)} ms; an HTTP answer is ${responseBytes} bytes` +
      ` and a TLS handshake ${tlsBytes}; bytes are those of IP packets both ways; ` +
      `every name is asked for at least every ${askedEverySeconds} s. Detection is from the earliest to the latest over all phases of a server's rounds; * is a safe bound, not looked at phase by phase.`,
  );
}

function printServers({ servers, total }: ProbePlan): void {
  const period = ({ meanPeriodSeconds: mean, longestPeriodSeconds: longest }: RoundLoad) =>
    mean === null || longest === null
      ? 'never'
      : `${short(mean)}${short(mean) === short(longest) ? '' : ` (≤ ${short(longest)})`}`;
  printTable(
    [
      'server',
      'at',
      'release',
      'checks',
      'warm',
      'probes\n/s',
      'threads',
      'every … s\nnow',
      'every … s\none hangs',
      'every … s\nall hang',
      'longest\nround s',
    ],
    servers.map((server) => [
      server.name,
      server.vantage,
      server.profile,
      `${server.distinctChecks}`,
      `${server.warmChecks}`,
      short(server.now.probesPerSecond),
      `${server.allKnown.threads}`,
      period(server.now),
      period(server.oneHangs),
      period(server.allHang),
      seconds(server.allHang.longestRoundSeconds),
    ]),
  );
  console.log(`all: ${short(total.probesPerSecond)} probes/s, ${megabytes(total.bytesPerDay)} a day\n`);
}

function printTargets({ targets }: ProbePlan, all: boolean): void {
  const shown = all ? targets : targets.slice(0, MOST_ROWS);
  printTable(
    ['target', 'checks', 'servers', 'names', 'probes\n/s', 'at once,\nexpected', 'at once,\naligned', 'bytes\na day'],
    shown.map((target) => [
      target.target,
      `${target.checks}`,
      `${target.servers}`,
      `${target.names}`,
      short(target.probesPerSecond),
      short(target.connectionsAtOnce.expected),
      `${target.connectionsAtOnce.worst}`,
      megabytes(target.bytesPerDay),
    ]),
  );
  printRest(targets.length - shown.length, 'target');
}

function printRecords({ records }: ProbePlan, all: boolean): void {
  const rows = records.map(rowOf);
  // Hundreds of records differ by name only.
  const groups = new Map<string, { row: string[]; names: string[] }>();
  for (const [name = '', ...row] of rows) {
    const key = all ? `${name} ${row.join(' ')}` : row.join(' ');
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { row, names: [name] });
    else known.names.push(name);
  }
  const shown = [...groups.values()].slice(0, all ? groups.size : MOST_ROWS);
  printTable(
    [
      'record',
      'checks',
      'stand-\nby',
      'probes\n/s',
      'refused\nseen, s',
      'hangs\nseen, s',
      'two hang\nseen, s',
      'recovers\nseen, s',
      'mixed\ns',
      'TTL\ns',
      'clients\nmoved, s',
    ],
    shown.map(({ row, names: [first = '', ...more] }) => [
      more.length === 0 ? first : `${first}\n  and ${more.length} like it`,
      ...row,
    ]),
  );
  printRest(groups.size - shown.length, 'kind of record');
}

function rowOf(record: RecordPlan): string[] {
  const { detection } = record;
  const times =
    detection === undefined
      ? ['-', '-', '-', '-', '-']
      : [
          bound(detection.refuses),
          bound(detection.hangs),
          bound(detection.hangsWhileAnotherDoes),
          bound(detection.recovers),
          seconds(detection.mixedSeconds),
        ];
  return [
    `${record.name} ${record.type}`,
    `${record.checks}`,
    `${record.standbyChecks}`,
    short(record.probesPerSecond),
    ...times,
    `${record.ttlSeconds}`,
    detection === undefined ? '-' : seconds(detection.clientsMovedSeconds),
  ];
}

function printValidator({ validator }: ProbePlan): void {
  printProse(
    `pdns-shadow beside every server would add ${short(validator.probesPerSecond)} probes/s in all, and ask each server ` +
      `${short(Math.min(validator.neededQueriesPerSecond, validator.allowedQueriesPerSecond))} questions/s ` +
      `(needs ${short(validator.neededQueriesPerSecond)}, may ask ${short(validator.allowedQueriesPerSecond)}): one sweep takes ${short(validator.sweepSeconds)} s.`,
  );
}

function printCapacity(measured: readonly Capacity[]): void {
  console.log();
  printTable(
    ['enable-lua-records', 'PowerDNS', 'answers/s of one core', 'answers/s here', 'names asked'],
    measured.map(({ luaRecords, version, perCpuSecond, perSecond, names }) => [
      luaRecords,
      version,
      short(perCpuSecond),
      short(perSecond),
      `${names}`,
    ]),
  );
}

function printWhatIf(before: ProbePlan, { changes, plan: after }: NonNullable<PlanPrinting['whatIf']>): void {
  console.log(`\nWhat if ${changes.join(', ')}`);
  const rows: (readonly [string, (plan: ProbePlan) => number | null])[] = [
    ['servers', ({ servers }) => servers.length],
    ['distinct checks a server, at most', ({ servers }) => most(servers.map(({ distinctChecks }) => distinctChecks))],
    ['probes/s, all', ({ total }) => total.probesPerSecond],
    ['probes/s at the busiest target', ({ targets }) => most(targets.map(({ probesPerSecond }) => probesPerSecond))],
    ['threads of one round', ({ servers }) => most(servers.map(({ allKnown }) => allKnown.threads))],
    [
      'connections at once, aligned',
      ({ targets }) => most(targets.map(({ connectionsAtOnce }) => connectionsAtOnce.worst)),
    ],
    ['MB a day', ({ total }) => total.bytesPerDay / 1e6],
    ['refused seen within s', latest(({ refuses }) => refuses.latestSeconds)],
    ['hang seen within s', latest(({ hangs }) => hangs.latestSeconds)],
    ['two hang, seen within s', latest(({ hangsWhileAnotherDoes }) => hangsWhileAnotherDoes.latestSeconds)],
    ['recovery seen within s', latest(({ recovers }) => recovers.latestSeconds)],
    ['clients moved within s', latest(({ clientsMovedSeconds }) => clientsMovedSeconds)],
    ['questions/s needed by the agent', ({ validator }) => validator.neededQueriesPerSecond],
  ];
  printTable(
    ['', 'now', 'then', 'times'],
    rows.map(([label, of]) => {
      const [now, then] = [of(before), of(after)];
      const times = now === null || then === null || now === 0 ? '' : `${short(then / now)}×`;
      return [label, seconds(now), seconds(then), times];
    }),
  );
  const news = after.findings.filter(({ code }) => !before.findings.some((old) => old.code === code));
  const gone = before.findings.filter(({ code }) => !after.findings.some((left) => left.code === code));
  for (const { code, message } of news) printProse(`${message} (${code})`, { mark: '+', indent: 2 });
  for (const code of new Set(gone.map((finding) => finding.code))) console.log(`- no longer ${code}`);
}

type Times = NonNullable<RecordPlan['detection']>;

function latest(of: (detection: Times) => number | null): (plan: ProbePlan) => number | null {
  return ({ records }) => {
    const values = records.flatMap(({ detection }) => (detection === undefined ? [] : [of(detection)]));
    return values.includes(null) ? null : most(values.map(Number));
  };
}

function most(values: readonly number[]): number {
  return values.reduce((largest, value) => Math.max(largest, value), 0);
}

function bound({ earliestSeconds, latestSeconds, proven }: Bound): string {
  if (latestSeconds === null) return 'never';
  return `${short(earliestSeconds)}–${short(latestSeconds)}${proven ? '' : ' *'}`;
}

function seconds(value: number | null): string {
  return value === null ? 'never' : short(value);
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${short(bytes / 1e9)} GB` : `${short(bytes / 1e6)} MB`;
}

function printRest(count: number, what: string): void {
  if (count > 0) console.log(`… and ${count} more ${what}${count === 1 ? '' : 's'}: --all shows them`);
  console.log();
}

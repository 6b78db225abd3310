/** What came of a soak, as data and as text. */
import { SLACK_MICROS } from '../../agent/beliefs.ts';
import { MICROS_PER_MILLISECOND } from '../../simulator/clock.ts';
import { type Episode, keyText, type Ledger } from './ledger.ts';

export interface SoakFigures {
  readonly line: string;
  readonly version: string;
  readonly seed: number;
  readonly seconds: number;
  /** How often a target went wrong. */
  readonly troubles: number;
  /** How often a PowerDNS died of a signal at its start. */
  readonly crashes: number;
  /** The longest time that the process of agent and soak was kept from running. */
  readonly longestStallMs: number;
  /** Observations by verdict. */
  readonly verdicts: Readonly<Record<string, number>>;
}

/** All injections of one kind. Seconds are from the cause to the report, and from its end to the end of the drift. */
export interface KindSummary {
  readonly kind: string;
  readonly times: number;
  readonly due: number;
  readonly reported: number;
  readonly soonestSeconds: number;
  readonly latestSeconds: number;
  readonly boundSeconds: number;
  readonly resolvedSeconds: number;
  readonly stallSeconds: number;
}

export interface SoakReport extends SoakFigures {
  readonly kinds: readonly KindSummary[];
  readonly drifts: number;
  /** Each a sentence; empty when the agent has kept its word. */
  readonly falseDrifts: readonly string[];
  readonly missed: readonly string[];
  readonly late: readonly string[];
  readonly unresolved: readonly string[];
}

export function reportOf(ledger: Ledger, figures: SoakFigures): SoakReport {
  const due = ledger.episodes.flatMap((episode) => dueOf(ledger, episode));
  const falseDrifts = ledger.reports.filter((report) => !ledger.isExplained(report));
  const unresolved = ledger.open().filter((report) => ledger.isExplained(report));
  return {
    ...figures,
    kinds: kindsOf(ledger, due),
    drifts: ledger.reports.length,
    falseDrifts: falseDrifts.map(
      ({ drift, openedMs }) =>
        `at ${seconds(openedMs)}: ${keyText(drift)}: ${drift.message}, seen ${seenText(drift.observed)}`,
    ),
    missed: due
      .filter(({ tookSeconds }) => tookSeconds === undefined)
      .map(({ key, episode }) => `${where(episode)}: ${key}`),
    late: due
      .filter(({ tookSeconds = 0, allowedSeconds }) => tookSeconds > allowedSeconds)
      .map(
        ({ key, episode, tookSeconds = 0, allowedSeconds }) =>
          `${where(episode)}: ${key} after ${tookSeconds.toFixed(2)} s, allowed ${allowedSeconds.toFixed(2)} s`,
      ),
    unresolved: unresolved.map(
      ({ drift, openedMs }) => `since ${seconds(openedMs)}: ${keyText(drift)}: ${drift.message}`,
    ),
  };
}

export function isGood({ falseDrifts, missed, late, unresolved }: SoakReport): boolean {
  return [falseDrifts, missed, late, unresolved].every((list) => list.length === 0);
}

/**
 * Every bound rests on threads that run within the agent's slack. On a machine too busy for that a bad report proves
 * nothing, neither of the agent nor of the server.
 */
export function isStarved({ longestStallMs }: SoakReport): boolean {
  return longestStallMs * MICROS_PER_MILLISECOND > SLACK_MICROS;
}

export function formatReport(report: SoakReport): string {
  const total = Object.values(report.verdicts).reduce((sum, count) => sum + count, 0);
  const verdicts = Object.entries(report.verdicts).map(([verdict, count]) => `${verdict} ${count}`);
  const rows = report.kinds.map((kind) => [
    kind.kind,
    `${kind.times}`,
    `${kind.reported}/${kind.due}`,
    kind.soonestSeconds.toFixed(2),
    kind.latestSeconds.toFixed(2),
    kind.boundSeconds.toFixed(2),
    kind.resolvedSeconds.toFixed(2),
    kind.stallSeconds.toFixed(2),
  ]);
  const header = ['injected', 'times', 'reported', 'soonest s', 'latest s', 'bound s', 'resolved s', 'stall s'];
  return [
    `PowerDNS ${report.version}, seed ${report.seed}: ${report.seconds.toFixed(0)} s, ${report.troubles} troubles of targets, ${report.crashes} crashes of servers`,
    `${total} observations: ${verdicts.join(', ')}; ${report.drifts} drifts`,
    '',
    ...table([header, ...rows]),
    '',
    `longest stall: ${report.longestStallMs.toFixed(0)} ms${isStarved(report) ? ', so the machine was too busy to prove anything' : ''}`,
    ...list('false drifts', report.falseDrifts),
    ...list('not reported', report.missed),
    ...list('reported too late', report.late),
    ...list('not resolved', report.unresolved),
  ].join('\n');
}

interface Due {
  readonly episode: Episode;
  readonly key: string;
  readonly boundSeconds: number;
  /** The bound holds for an agent that is let run: the time that its process was not is added. */
  readonly allowedSeconds: number;
  readonly tookSeconds: number | undefined;
  readonly resolvedSeconds: number | undefined;
}

function dueOf(ledger: Ledger, episode: Episode): Due[] {
  return episode.injection.must.map((driftKey) => {
    const key = keyText(driftKey);
    const report = ledger.reportOf(driftKey, episode);
    const boundSeconds = episode.boundSeconds.get(key) ?? 0;
    return {
      episode,
      key,
      boundSeconds,
      allowedSeconds: boundSeconds + episode.stallMs / 1000,
      tookSeconds: report === undefined ? undefined : Math.max(0, report.openedMs - episode.causedMs) / 1000,
      resolvedSeconds:
        report?.resolvedMs === undefined ? undefined : Math.max(0, report.resolvedMs - episode.undoneMs) / 1000,
    };
  });
}

function kindsOf(ledger: Ledger, due: readonly Due[]): KindSummary[] {
  const kinds = [...new Set(ledger.episodes.map(({ injection }) => injection.kind))].sort();
  return kinds.map((kind) => {
    const episodes = ledger.episodes.filter(({ injection }) => injection.kind === kind);
    const ofKind = due.filter(({ episode }) => episode.injection.kind === kind);
    const took = ofKind.flatMap(({ tookSeconds }) => tookSeconds ?? []);
    return {
      kind,
      times: episodes.length,
      due: ofKind.length,
      reported: took.length,
      soonestSeconds: Math.min(...took),
      latestSeconds: Math.max(...took),
      boundSeconds: Math.min(...ofKind.map(({ boundSeconds }) => boundSeconds)),
      resolvedSeconds: Math.max(...ofKind.flatMap(({ resolvedSeconds }) => resolvedSeconds ?? [])),
      stallSeconds: Math.max(...episodes.map(({ stallMs }) => stallMs / 1000)),
    };
  });
}

function where({ injection, causedMs }: Episode): string {
  return `${injection.kind} (${injection.server}) at ${seconds(causedMs)}`;
}

function seenText(observed: ReadonlyMap<string, number>): string {
  return [...observed].map(([answer, times]) => `${answer} (${times})`).join(', ');
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [`${title}: none`] : [`${title}: ${lines.length}`, ...lines.map((line) => `  ${line}`)];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
}

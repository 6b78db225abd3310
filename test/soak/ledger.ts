/** Who said what when: injections and the drifts that the agent reported, and which of them belong together. */
import type { Drift, DriftKey } from '../../agent/drifts.ts';
import type { Injection } from './injections.ts';

export interface Reported {
  readonly drift: Drift;
  readonly openedMs: number;
  resolvedMs: number | undefined;
}

/** One injection as it went. Times are milliseconds since the soak began. */
export interface Episode {
  readonly injection: Injection;
  /** Before the cause was brought about, and when it was in full effect. */
  readonly startedMs: number;
  readonly causedMs: number;
  /** Infinite while the cause lasts. */
  undoneMs: number;
  /** From when on the servers cannot show any more of it. */
  overMs: number;
  /** How long the agent may take for each key of `must`, in seconds, by its own word. */
  readonly boundSeconds: Map<string, number>;
  /** How long the process of agent and soak was kept from running until all was reported. */
  stallMs: number;
}

export class Ledger {
  readonly reports: Reported[] = [];
  readonly episodes: Episode[] = [];

  opened(drift: Drift, atMs: number): void {
    this.reports.push({ drift, openedMs: atMs, resolvedMs: undefined });
  }

  resolved(drift: Drift, atMs: number): void {
    const report = this.reports.find((each) => each.drift.id === drift.id);
    if (report !== undefined) report.resolvedMs = atMs;
  }

  open(): Reported[] {
    return this.reports.filter(({ resolvedMs }) => resolvedMs === undefined);
  }

  /** The report of `key` that falls into the episode, if there is one. */
  reportOf(key: DriftKey, episode: Episode): Reported | undefined {
    return this.reports.find((each) => keyText(each.drift) === keyText(key) && belongs(each, episode));
  }

  isExplained(report: Reported): boolean {
    return this.episodes.some((episode) => belongs(report, episode) && episode.injection.explains(report.drift));
  }

  /** Open drifts that an episode explains. */
  openOf(episode: Episode): Reported[] {
    return this.open().filter((report) => belongs(report, episode) && episode.injection.explains(report.drift));
  }
}

export function keyText({ server, name, type, client, class: drift }: DriftKey): string {
  return [drift, server, name, type, client].filter((part) => part !== '').join(' ');
}

function belongs({ openedMs }: Reported, { startedMs, overMs }: Episode): boolean {
  return openedMs >= startedMs && openedMs <= overMs;
}

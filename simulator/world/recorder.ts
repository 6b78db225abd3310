/** Keeps what happens in a world: changes only, so that a quiet week costs as much as a quiet second. */

import type { Distribution } from '../answer/distribution.ts';
import { distributionKey } from '../answer/distribution.ts';
import type { Micros } from '../clock.ts';
import type { Check } from '../health/check.ts';
import type { EndedProbe } from '../health/checker.ts';
import type { CheckStatus } from '../health/status.ts';
import type { History, LeaseState, ProbeRecord, ShownStatus, Since } from './history.ts';
import type { WorldPlan } from './plan.ts';

export class Recorder {
  readonly #plan: WorldPlan;
  readonly #keepsProbes: boolean;
  readonly #answers: Since<Distribution>[][];
  readonly #statuses = new Map<string, { server: string; check: Check; changes: Since<ShownStatus>[] }>();
  readonly #probes: ProbeRecord[] = [];
  readonly #lease: Since<LeaseState>[] = [];
  #probeCount = 0;
  #questionCount = 0;
  #droppedCount = 0;

  constructor(plan: WorldPlan, keepsProbes: boolean) {
    this.#plan = plan;
    this.#keepsProbes = keepsProbes;
    this.#answers = plan.watches.map(() => []);
  }

  answer(watch: number, at: Micros, value: Distribution | undefined): void {
    const changes = this.#answers[watch];
    if (value === undefined || changes === undefined) return;
    note(changes, at, value, isSameAnswer);
  }

  /** All that the server knows now; what it does not is absent. */
  statuses(server: string, at: Micros, known: readonly (readonly [Check, CheckStatus])[]): void {
    const seen = new Set<string>();
    for (const [check, status] of known) {
      const key = `${server} ${check.id}`;
      seen.add(key);
      let series = this.#statuses.get(key);
      if (series === undefined) {
        series = { server, check, changes: [{ at: 0, value: 'absent' }] };
        this.#statuses.set(key, series);
      }
      note(series.changes, at, status.kind, Object.is);
    }
    for (const [key, series] of this.#statuses) {
      if (series.server === server && !seen.has(key)) note(series.changes, at, 'absent', Object.is);
    }
  }

  probe(server: string, { check, startedAt, endedAt, result }: EndedProbe): void {
    this.#probeCount++;
    if (!this.#keepsProbes) return;
    const target = check.target || check.url;
    this.#probes.push({ server, check: check.id, target, startedAt, endedAt, up: result.up, reason: result.reason });
  }

  lease(at: Micros, value: LeaseState | undefined): void {
    if (value === undefined) return;
    note(this.#lease, at, value, (a, b) => a.holder === b.holder && a.writers.join() === b.writers.join());
  }

  question(): void {
    this.#questionCount++;
  }

  dropped(): void {
    this.#droppedCount++;
  }

  history(): History {
    return {
      answers: this.#answers,
      statuses: [...this.#statuses.values()].map(({ server, check, changes }) => ({
        server,
        check: check.id,
        target: check.target || check.url,
        details: check,
        changes,
      })),
      probes: this.#probes,
      lease: this.#lease,
      probeCount: this.#probeCount,
      questionCount: this.#questionCount,
      droppedCount: this.#droppedCount,
      endsAt: this.#plan.endsAt,
    };
  }
}

/** Of two changes in one moment the last one stands; what is as it was is no change. */
function note<T>(changes: Since<T>[], at: Micros, value: T, isSame: (a: T, b: T) => boolean): void {
  if (changes.at(-1)?.at === at) changes.pop();
  const last = changes.at(-1);
  if (last === undefined || !isSame(last.value, value)) changes.push({ at, value });
}

function isSameAnswer(a: Distribution, b: Distribution): boolean {
  if (a === b) return true;
  return (
    a.outcomes[0]?.outcome.ecsScope === b.outcomes[0]?.outcome.ecsScope && distributionKey(a) === distributionKey(b)
  );
}

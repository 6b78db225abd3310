/** A server in a world: its zone and settings, its checker, its clock, and whether it runs at all. */

import type { Distribution } from '../answer/distribution.ts';
import { emptyOutcome, type Outcome } from '../answer/outcome.ts';
import { type Predictor, predictorOf } from '../answer/predictor.ts';
import type { Question } from '../answer/question.ts';
import { asRelease, type ServerModel } from '../answer/server-model.ts';
import type { Chooser } from '../chooser.ts';
import { type Clock, MICROS_PER_SECOND } from '../clock.ts';
import type { Check } from '../health/check.ts';
import { Checker, type EndedProbe } from '../health/checker.ts';
import type { Prober } from '../health/probe.ts';
import { type CheckStatus, statusKey } from '../health/status.ts';
import type { Profile } from '../profile/profile.ts';
import { ONE } from '../rational.ts';
import type { ServerPlan } from './plan.ts';
import type { WallClock } from './wall-clock.ts';

export interface WorldServerOptions {
  readonly plan: ServerPlan;
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly prober: Prober;
  readonly chooser: Chooser;
  /** Called whenever an answer may be another one from now on: one that hangs on statuses, or any. */
  readonly onChange: (whose: 'statuses' | 'all') => void;
  readonly onProbe: (probe: EndedProbe) => void;
}

export class WorldServer {
  readonly plan: ServerPlan;
  readonly wall: WallClock;
  readonly #options: WorldServerOptions;
  #model: ServerModel;
  #predictor: Predictor;
  #checkIntervalSeconds: number;
  #expireDelaySeconds: number;
  #checker: Checker | undefined;
  readonly #budget = new Map<string, { second: number; used: number }>();

  constructor(options: WorldServerOptions) {
    const { plan, wall } = options;
    this.plan = plan;
    this.wall = wall;
    this.#options = options;
    this.#model = plan.model;
    this.#predictor = predictorOf(plan.model);
    this.#checkIntervalSeconds = plan.checkIntervalSeconds;
    this.#expireDelaySeconds = plan.expireDelaySeconds;
    this.#checker = this.#newChecker();
  }

  /** Answers a question. Undefined: none comes, since the server is down or its front lets no more through. */
  ask(question: Question, source: string): Outcome | undefined {
    const checker = this.#checker;
    if (checker === undefined || !this.#isLetThrough(source)) return undefined;
    const known = checker.size;
    const { chooser, onChange } = this.#options;
    const outcome = this.#predictor.ask(question, { chooser, statusOf: (check) => checker.ask(check) });
    if (checker.size !== known) onChange('statuses');
    return outcome;
  }

  /** What a question would be answered now, without asking it. `onStatus`: told when it hangs on the status of a check. */
  answers(question: Question, onStatus?: () => void): Distribution {
    const checker = this.#checker;
    if (checker === undefined) return NO_ANSWER;
    return this.#predictor.predict(question, (check) => {
      onStatus?.();
      return checker.peek(check);
    });
  }

  /** Every check that it knows, with what it believes of it. */
  statuses(): (readonly [Check, CheckStatus])[] {
    const checker = this.#checker;
    return checker === undefined ? [] : checker.checks().map((check) => [check, checker.peek(check)] as const);
  }

  setModel(change: (model: ServerModel) => ServerModel): void {
    this.#model = change(this.#model);
    this.#predictor = predictorOf(this.#model);
    this.#options.onChange('all');
  }

  setCheckSettings(settings: { checkIntervalSeconds?: number; expireDelaySeconds?: number }): void {
    this.#checkIntervalSeconds = settings.checkIntervalSeconds ?? this.#checkIntervalSeconds;
    this.#expireDelaySeconds = settings.expireDelaySeconds ?? this.#expireDelaySeconds;
  }

  stop(): void {
    this.#checker?.close();
    this.#checker = undefined;
    this.#options.onChange('all');
  }

  /** With the settings that were set meanwhile, perhaps as another release line. */
  start(profile: Profile | undefined): void {
    if (profile !== undefined) {
      this.#model = asRelease(this.#model, profile);
      this.#predictor = predictorOf(this.#model);
    }
    this.#checker?.close();
    this.#checker = this.#newChecker();
    this.#options.onChange('all');
  }

  #newChecker(): Checker {
    const { clock, prober, onProbe, onChange } = this.#options;
    return new Checker({
      clock: {
        now: () => clock.now(),
        wall: () => this.wall.now(),
        at: (time, task) => clock.at(time, task),
      },
      prober,
      profile: this.#model.profile,
      intervalSeconds: this.#checkIntervalSeconds,
      expireDelaySeconds: this.#expireDelaySeconds,
      newChecksKnown: this.plan.newChecksKnown ?? Number.POSITIVE_INFINITY,
      roundsEndLate: this.plan.roundsEndLate ?? 0,
      onProbe: (probe) => {
        const { before, after } = probe;
        if (before !== after && statusKey(before) !== statusKey(after)) onChange('statuses');
        onProbe(probe);
      },
      onForgotten: () => onChange('statuses'),
    });
  }

  #isLetThrough(source: string): boolean {
    const limit = this.plan.queriesPerSecondPerSource;
    if (limit === undefined) return true;
    const second = Math.floor(this.wall.now() / MICROS_PER_SECOND);
    const budget = this.#budget.get(source);
    if (budget?.second !== second) {
      this.#budget.set(source, { second, used: 1 });
      return true;
    }
    budget.used++;
    return budget.used <= limit;
  }
}

const NO_ANSWER: Distribution = {
  outcomes: [{ outcome: emptyOutcome('DROPPED', undefined), probability: ONE }],
  exact: true,
};

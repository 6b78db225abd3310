/** What became of a scenario: plain data, for every report. */
import type { Micros } from '../simulator/clock.ts';
import type { ReleaseLine } from '../simulator/profile/profile.ts';
import type { History } from '../simulator/world/history.ts';
import type { Phase } from '../simulator/world/plan.ts';
import type { EngineName, Expectation, Scenario, TimelineEvent } from './scenario.ts';

export interface ScenarioResult {
  readonly scenario: Scenario;
  /** One a release line and engine, in the order they were run. */
  readonly results: readonly ProfileResult[];
}

export interface ProfileResult {
  readonly profile: ReleaseLine;
  readonly engine: EngineName;
  readonly verdict: 'pass' | 'fail' | 'skip';
  /** Why it was not run; empty otherwise. */
  readonly skipped: string;
  readonly seed: number;
  readonly phases: PhaseSummary;
  readonly expectations: readonly ExpectationResult[];
  readonly failover: readonly FailoverBound[];
  /** One run to look at: the first in which an expectation fails, else one in the middle; undefined where skipped. */
  readonly shown: ShownRun | undefined;
}

export interface PhaseSummary {
  /** Different courses that were looked at: regions of phases where all of them were, else runs. */
  readonly courses: number;
  /** Every phase is in one of them. */
  readonly complete: boolean;
}

export interface ExpectationResult {
  readonly expectation: Expectation;
  readonly verdict: 'pass' | 'fail';
  /** Why a run on real servers shows nothing of it, which is no failure; absent where it was looked at. */
  readonly untold?: string;
  /** One sentence: what was seen, when and by whom, or that it holds and how surely. */
  readonly message: string;
  /** It holds (or fails) for every phase, not only for those that were tried. */
  readonly proven: boolean;
  /** Undefined where it holds. */
  readonly counterexample: Counterexample | undefined;
}

export interface Counterexample {
  /** When it failed; undefined for what has no single moment. */
  readonly at: Micros | undefined;
  readonly client: string;
  readonly server: string;
  readonly wanted: string;
  readonly seen: string;
  /** Which record was asked for, where the expectation is about several: `www.acme.test. AAAA`. */
  readonly record?: string;
  readonly phases: ReadonlyMap<string, Phase>;
  /** What is wrong with the code of the record that answered so, where that is known. */
  readonly because?: readonly string[];
}

/** How long answers can take to change after something happened, counted from then. */
export interface FailoverBound {
  readonly name: string;
  readonly client: string;
  readonly server: string;
  /** Place in the timeline, and whether it is about its beginning or its end. */
  readonly fault: number;
  readonly edge: 'begins' | 'ends';
  readonly earliest: Micros;
  readonly latest: Micros;
  readonly earliestPhase: Phase;
  readonly latestPhase: Phase;
  /** Phases in which no answer changes before the next event are left out of the bounds. */
  readonly alwaysChanges: boolean;
  readonly proven: boolean;
}

export interface ShownRun {
  readonly phases: ReadonlyMap<string, Phase>;
  readonly history: History;
  /** What the answers of the history are about, in its order. */
  readonly watches: readonly WatchInfo[];
  /** The timeline that was replayed: shorter than the scenario's where a failure was reduced. */
  readonly timeline: readonly TimelineEvent[];
}

export interface WatchInfo {
  readonly client: string;
  /** A server, or a resolver. */
  readonly server: string;
  /** Absolute. */
  readonly name: string;
  readonly type: string;
  /** One network of many that the client stands for; undefined: it is the client. */
  readonly sample: number | undefined;
}

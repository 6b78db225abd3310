/**
 * The report of a scenario as plain data: what `--report json=F` writes, and what every other report is made from, so that
 * the reports of shards can be put together from their JSON alone. Times are seconds since the scenario's start.
 */
import { z } from 'zod';
import { RELEASE_LINES } from '../../simulator/profile/profile.ts';
import { ENGINES } from '../scenario.ts';

const seconds = z.number().nonnegative();
const index = z.int().nonnegative();
const verdict = z.enum(['pass', 'fail', 'skip']);

/** How the rounds of a server lie to the timeline. */
const phase = z.strictObject({ offsetSeconds: seconds, fractionSeconds: seconds });
const phases = z.record(z.string(), phase);

/** One entry of the timeline. `untilSeconds` for what lasts: to its end, or that of the world. */
const fault = z.strictObject({
  atSeconds: seconds,
  untilSeconds: seconds.optional(),
  text: z.string(),
  line: z.int().optional(),
});

/** What is expected, in words, and the time it is about. `profiles`: empty for all. */
const expected = z.strictObject({
  index,
  file: z.string(),
  line: z.int().optional(),
  when: z.string(),
  who: z.string(),
  what: z.string(),
  modality: z.enum(['certain', 'possible']),
  note: z.string(),
  profiles: z.array(z.enum(RELEASE_LINES)),
  fromSeconds: seconds,
  toSeconds: seconds,
});

const counterexample = z.strictObject({
  atSeconds: seconds.optional(),
  client: z.string(),
  server: z.string(),
  wanted: z.string(),
  seen: z.string(),
  /** Which record was asked for, where the expectation is about several. */
  record: z.string().optional(),
  phases,
  /** What is wrong with the code of the record that answered so; absent where nothing is. */
  because: z.array(z.string()).optional(),
});

const expectation = z.strictObject({
  index,
  verdict: z.enum(['pass', 'fail']),
  /** Why the run shows nothing of it; absent where it was looked at. */
  untold: z.string().optional(),
  message: z.string(),
  line: z.int().optional(),
  proven: z.boolean(),
  counterexample: counterexample.optional(),
});

const outcome = z.strictObject({
  rcode: z.string(),
  answers: z.array(z.string()),
  text: z.string(),
  probability: z.number().min(0).max(1),
});

/**
 * What a client would get from then on. `rcode` and `answers` are those of the most probable outcome; `outcomes` are all
 * of them where there are several. `text` names targets. A client that stands for many networks has one entry for all
 * of them: `networks` says how many, and the probabilities are shares of networks.
 */
const answer = z.strictObject({
  atSeconds: seconds,
  server: z.string(),
  client: z.string(),
  name: z.string(),
  type: z.string(),
  rcode: z.string(),
  answers: z.array(z.string()),
  text: z.string(),
  networks: z.int().optional(),
  outcomes: z.array(outcome).optional(),
});

const failover = z.strictObject({
  name: z.string(),
  client: z.string(),
  server: z.string(),
  fault: index,
  edge: z.enum(['begins', 'ends']),
  earliestSeconds: z.number(),
  latestSeconds: z.number(),
  earliestPhase: phase,
  latestPhase: phase,
  alwaysChanges: z.boolean(),
  proven: z.boolean(),
});

const status = z.enum(['up', 'down', 'unknown', 'absent']);
const statuses = z.strictObject({
  server: z.string(),
  check: z.string(),
  target: z.string(),
  changes: z.array(z.strictObject({ atSeconds: seconds, status })),
});

/** One probe, or `count` of the same result taken together, the last of which ended at `endSeconds`. */
const probe = z.strictObject({
  atSeconds: seconds,
  endSeconds: seconds,
  up: z.boolean(),
  reason: z.string(),
  count: z.int().positive().optional(),
});
const probes = z.strictObject({
  server: z.string(),
  check: z.string(),
  target: z.string(),
  probes: z.array(probe),
});

/** The run that `timeline` is of: the first in which an expectation fails, else one in the middle. */
const shown = z.strictObject({
  phases,
  /** Fewer than the scenario's where a failure was reduced. */
  faults: z.array(fault),
  statuses: z.array(statuses),
  probes: z.array(probes),
  lease: z.array(z.strictObject({ atSeconds: seconds, holder: z.string().optional(), writers: z.array(z.string()) })),
  alerts: z.array(z.strictObject({ alert: z.string(), fromSeconds: seconds, toSeconds: seconds })),
  probeCount: index,
  questionCount: index,
  droppedCount: index,
});

const result = z.strictObject({
  profile: z.enum(RELEASE_LINES),
  engine: z.enum(ENGINES),
  verdict,
  /** Why it was not run. */
  skipped: z.string().optional(),
  seed: z.int(),
  /** Regions of phases where all of them were looked at (`complete`), else runs. */
  phases: z.strictObject({ courses: index, complete: z.boolean() }),
  expectations: z.array(expectation),
  timeline: z.array(answer),
  failover: z.array(failover),
  shown: shown.optional(),
});

export const scenarioReport = z.strictObject({
  scenario: z.string(),
  file: z.string(),
  shows: z.string(),
  endsAtSeconds: seconds,
  targets: z.array(z.strictObject({ name: z.string(), address: z.string() })),
  faults: z.array(fault),
  expected: z.array(expected),
  /** What was asked for in place of the scenario's own: `all`, a number of phases, or one offset. */
  phase: z.string().optional(),
  /** How many times as fast as the clock real servers were asked to run. */
  dilation: z.int().positive().optional(),
  /** Which part of the results this is; without it all of them. */
  shard: z.strictObject({ index: z.int().positive(), count: z.int().positive() }).optional(),
  results: z.array(result),
});

export type ScenarioReport = Readonly<z.infer<typeof scenarioReport>>;
export type ResultReport = Readonly<z.infer<typeof result>>;
export type ShownReport = Readonly<z.infer<typeof shown>>;
export type FaultReport = Readonly<z.infer<typeof fault>>;
export type ExpectedReport = Readonly<z.infer<typeof expected>>;
export type ExpectationReport = Readonly<z.infer<typeof expectation>>;
export type AnswerReport = Readonly<z.infer<typeof answer>>;
export type FailoverReport = Readonly<z.infer<typeof failover>>;
export type ProbesReport = Readonly<z.infer<typeof probes>>;
export type StatusesReport = Readonly<z.infer<typeof statuses>>;
export type PhasesReport = Readonly<z.infer<typeof phases>>;

/** A run, moment by moment: things happen, questions are asked, and how late all of it was is measured. */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { emptyOutcome, type Outcome, type Rcode } from '../../simulator/answer/outcome.ts';
import { MICROS_PER_MILLISECOND, type Micros } from '../../simulator/clock.ts';
import type { ProbeRecord } from '../../simulator/world/history.ts';
import type { DnsResponse } from '../../wire/message.ts';
import type { Window } from '../judge/window.ts';
import type { Aliases } from './aliases.ts';
import type { PlannedQuestion } from './asked.ts';
import type { Asker } from './asker.ts';
import { fractionAt } from './clock-reading.ts';
import { overlaps } from './moments.ts';
import type { Observation } from './observed.ts';
import type { Cue, Stage } from './stage.ts';

export interface Played {
  readonly observations: readonly Observation[];
  readonly probes: readonly ProbeRecord[];
  /** Of probes that were answered: see `RealRun`. */
  readonly overhead: { readonly least: Micros; readonly most: Micros };
  /** Probes of targets that were well, without an answer: the machine was too busy for their timeouts. */
  readonly unansweredCount: number;
  /** How late anything was, in time of the machine: cues and what they set going, timers, answers. */
  readonly latestMs: number;
  /** How long it took at most until a change of a zone or of networks was in force. */
  readonly longestChange: Micros;
  /** By server. */
  readonly fractions: ReadonlyMap<string, Micros>;
}

/** More questions at once than fit the buffers of sockets would be lost. */
const AT_ONCE = 128;
const LEAD_MS = 50;
const TICK_MS = 5;
const LAST_ANSWERS_MS = 100;
/** A busy server has a question for so long before it answers. */
const IN_HAND_MS = 100;

export async function play(
  stage: Stage,
  asker: Asker,
  questions: readonly PlannedQuestion[],
  { dilation, endsAt }: { readonly dilation: number; readonly endsAt: Micros },
): Promise<Played> {
  const zeroMs = performance.now();
  const fractionsAtZero = new Map<string, Micros>();
  for (const [name, server] of stage.servers) {
    fractionsAtZero.set(name, (await fractionAt(zeroMs, server, asker, dilation)) ?? 0);
  }
  const beganMs = performance.now() + LEAD_MS;
  const toScenario = (ms: number): Micros => Math.round((ms - beganMs) * MICROS_PER_MILLISECOND * dilation);
  const observations: Observation[] = [];
  const changing: Window[] = [];
  /** When questions were sent that a process took with it. */
  const lost: Window[] = [];
  const late = new Lateness();
  const asking: Promise<void>[] = [];
  const limit = pLimit(AT_ONCE);
  let changes: Promise<void> = Promise.resolve();

  const ask = async ({ asked, watches }: PlannedQuestion): Promise<void> => {
    const { address } = stage.servers.get(asked.server) ?? {};
    const aliases = stage.aliases.get(asked.server);
    if (aliases === undefined) return;
    const nowMs = performance.now();
    const reply =
      address === undefined
        ? { response: undefined, sentMs: nowMs, heardMs: nowMs }
        : await asker.ask(address, asked.question);
    const outcome = outcomeOf(reply.response, aliases);
    const at = toScenario(reply.sentMs);
    const until = toScenario(reply.heardMs);
    for (const watch of watches) observations.push({ watch, at, until, outcome });
  };

  const cues: Cue[] = [
    ...stage.cues().map(({ at, act, isContent = false, endsProcess = false }) => ({
      at,
      act: () => {
        const dueMs = beganMs + at / MICROS_PER_MILLISECOND / dilation;
        changes = changes.then(act).then(() => {
          if (isContent) changing.push({ from: at, to: toScenario(performance.now()) });
          else late.note(performance.now() - dueMs);
          if (endsProcess) lost.push({ from: toScenario(dueMs - IN_HAND_MS), to: toScenario(performance.now()) });
        });
      },
    })),
    ...questions.map((question) => ({
      at: question.at,
      act: () => void asking.push(limit(() => ask(question))),
    })),
  ].sort((a, b) => a.at - b.at);
  late.watch();
  for (const { at, act } of cues) {
    if (at > endsAt) break;
    const dueMs = beganMs + at / MICROS_PER_MILLISECOND / dilation;
    await until(dueMs);
    late.note(performance.now() - dueMs);
    await act();
  }
  await until(beganMs + endsAt / MICROS_PER_MILLISECOND / dilation);
  await changes;
  await Promise.all(asking);
  const latestMs = late.end();
  await sleep(LAST_ANSWERS_MS);
  const well = probesOfWell(stage, dilation);
  return {
    observations: observations
      .filter((one) => !changing.some((window) => overlaps(one, window)))
      .filter(({ at, outcome }) => outcome.rcode !== 'DROPPED' || !lost.some(({ from, to }) => at >= from && at <= to))
      .sort((a, b) => a.at - b.at),
    probes: probesOf(stage, toScenario, endsAt),
    overhead: {
      least: well.reduce((least, { overhead }) => Math.min(least, overhead), well[0]?.overhead ?? 0),
      most: well.reduce((most, { overhead }) => Math.max(most, overhead), 0),
    },
    unansweredCount: well.filter(({ isUnanswered }) => isUnanswered).length,
    latestMs,
    longestChange: changing.reduce((longest, { from, to }) => Math.max(longest, to - from), 0),
    fractions: new Map(
      [...fractionsAtZero].map(([name, fraction]) => [
        name,
        Math.round(fraction + (beganMs - zeroMs) * MICROS_PER_MILLISECOND * dilation) % 1_000_000,
      ]),
    ),
  };
}

/** Timers wait for whole milliseconds, which are many at a high dilation: the rest is waited for in turns of the loop. */
async function until(dueMs: number): Promise<void> {
  const restMs = dueMs - performance.now() - 1;
  if (restMs > 0) await sleep(restMs);
  while (performance.now() < dueMs) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** The latest that anything was, with what timers tell of a program that stood still. */
class Lateness {
  #latestMs = 0;
  #timer: NodeJS.Timeout | undefined;

  watch(): void {
    let lastMs = performance.now();
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.note(nowMs - lastMs - TICK_MS);
      lastMs = nowMs;
    }, TICK_MS);
  }

  note(ms: number): void {
    this.#latestMs = Math.max(this.#latestMs, ms);
  }

  end(): number {
    clearInterval(this.#timer);
    return this.#latestMs;
  }
}

const RCODES: readonly string[] = ['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED'] satisfies Rcode[];

function outcomeOf(response: DnsResponse | undefined, aliases: Aliases): Outcome {
  if (response === undefined) return emptyOutcome('DROPPED', undefined);
  const { rcode, answers, authoritative, ecsScope } = response;
  return {
    rcode: isRcode(rcode) ? rcode : 'OPAQUE',
    answers: answers.map((record) => ({ ...record, rdata: aliases.toTargets(record.rdata) })),
    authority: [],
    authoritative,
    ecsScope,
  };
}

function isRcode(text: string): text is Rcode {
  return RCODES.includes(text);
}

/** What targets that were well added to each probe, without meaning to. */
function probesOfWell(stage: Stage, dilation: number) {
  return stage.targets.flatMap(({ pretended }) =>
    pretended.probes.flatMap(({ startedMs, endedMs, wasWell, delayed, answered }) => {
      if (endedMs === undefined || !wasWell) return [];
      const took = Math.round((endedMs - startedMs) * MICROS_PER_MILLISECOND * dilation);
      return { overhead: Math.max(0, took - delayed), isUnanswered: answered === '' && took > delayed };
    }),
  );
}

function probesOf(stage: Stage, toScenario: (ms: number) => Micros, endsAt: Micros): ProbeRecord[] {
  return stage.targets
    .flatMap(({ server, address, pretended }) =>
      pretended.probes.map(({ port, startedMs, endedMs, answered }) => ({
        server: server.name,
        check: `${address}:${port}`,
        target: address,
        startedAt: toScenario(startedMs),
        endedAt: endedMs === undefined ? endsAt : toScenario(endedMs),
        up: answered === '200' || answered === 'connected',
        reason: answered,
      })),
    )
    .sort((a, b) => a.endedAt - b.endedAt);
}

/** Asks one server, never faster than allowed, and knows whether it answers at all. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../simulator/clock.ts';
import type { DnsQuestion } from '../wire/message.ts';
import { ask, type Reply, type ServerAddress } from '../wire/transport.ts';
import { type RateLimit, rateLimit } from './rate.ts';

export interface AskerParts {
  readonly address: ServerAddress;
  readonly clock: Clock;
  readonly queriesPerSecond: number;
  readonly timeoutMs: number;
  readonly onQuestion: (durationSeconds: number) => void;
  /** Told of every answer, and of every failure that makes or keeps the server unreachable. */
  readonly onReachable: (change: Reachability) => void;
}

export interface Reachability {
  readonly isUp: boolean;
  /** Whether that is another state than before. */
  readonly isNews: boolean;
  /** It was down before: what it knew may be lost. */
  readonly wasDown: boolean;
  readonly reason: string;
  readonly askedAt: Micros;
}

export interface Asked {
  readonly reply: Extract<Reply, { kind: 'answer' }>;
  readonly askedAt: Micros;
}

/** Failed questions in a row that make a server unreachable. */
export const FAILURES_UNTIL_DOWN = 2;
const BURST = 5;

export class Asker {
  readonly #parts: AskerParts;
  readonly #limit: RateLimit;
  #failures = 0;
  #isUp: boolean | undefined;
  #answeredAt: Micros = Number.NEGATIVE_INFINITY;

  constructor(parts: AskerParts) {
    this.#parts = parts;
    this.#limit = rateLimit(parts.clock, parts.queriesPerSecond, BURST);
  }

  /** Undefined until the first question was answered or failed. */
  get isUp(): boolean | undefined {
    return this.#isUp;
  }

  /** Undefined where no answer came, or the agent is stopping. */
  async ask(question: DnsQuestion, signal: AbortSignal): Promise<Asked | undefined> {
    const { address, clock, timeoutMs, onQuestion } = this.#parts;
    await pause((this.#limit.reserve() - clock.now()) / MICROS_PER_MILLISECOND, signal);
    if (signal.aborted) return undefined;
    const askedAt = clock.now();
    const reply = await ask(address, question, { timeoutMs });
    if (signal.aborted) return undefined;
    onQuestion((clock.now() - askedAt) / MICROS_PER_SECOND);
    if (reply.kind === 'answer') this.#noteAnswer(askedAt);
    else this.#noteFailure(reply.reason, askedAt);
    return reply.kind === 'answer' ? { reply, askedAt } : undefined;
  }

  #noteAnswer(askedAt: Micros): void {
    const before = this.#isUp;
    this.#answeredAt = this.#parts.clock.now();
    this.#failures = 0;
    this.#isUp = true;
    if (before === true) return;
    this.#parts.onReachable({ isUp: true, isNews: true, wasDown: before === false, reason: 'it answers', askedAt });
  }

  #noteFailure(reason: string, askedAt: Micros): void {
    // It has answered since: what was asked before, of a server that was restarting, says nothing about now.
    if (askedAt <= this.#answeredAt) return;
    if (++this.#failures < FAILURES_UNTIL_DOWN) return;
    const isNews = this.#isUp !== false;
    this.#isUp = false;
    this.#parts.onReachable({ isUp: false, isNews, wasDown: !isNews, reason, askedAt });
  }
}

/** Waits, or until the signal is given. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0 || signal.aborted) return;
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

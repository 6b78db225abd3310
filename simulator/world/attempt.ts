/**
 * One probe on the way: its connection is decided on when it is opened, and opened again as a kernel does while its first
 * packets are lost; its answer is decided on when it leaves the target.
 */
import { type Clock, MICROS_PER_MILLISECOND, MICROS_PER_SECOND, type Micros } from '../clock.ts';
import { stoi } from '../health/c-number.ts';
import type { HttpProbeRequest, ProbeResult, TcpProbeRequest } from '../health/probe.ts';
import { failed, httpVerdict, timedOut } from '../health/verdict.ts';
import type { TargetBehaviour } from './behaviour.ts';

/** A target as one vantage sees it. */
export interface Reachable {
  /** Undefined where packets vanish on the way, and now and then where packets are lost. */
  connect(): TargetBehaviour | undefined;
  /** How the other end of a standing connection behaves; undefined where packets vanish on the way. */
  behaviour(): TargetBehaviour | undefined;
  /** From a packet to the answer to it. */
  latencyOf(behaviour: TargetBehaviour): Micros;
  /** Connections that were accepted and wait, oldest first: they break when the target does. */
  readonly waiting: { broken(): void }[];
}

/** When Linux sends the first packet of a connection again, counted from the first time; then it gives up. */
const RETRANSMISSIONS_SECONDS = [0, 1, 3, 7, 15, 31, 63, 127];

export class Attempt {
  readonly #clock: Clock;
  readonly #request: TcpProbeRequest | HttpProbeRequest;
  /** Undefined: nothing is at the address. */
  readonly #target: Reachable | undefined;
  readonly #report: (result: ProbeResult) => void;
  readonly #startedAt: Micros;
  readonly #deadline: Micros | undefined;
  /** There is never more than one thing to come, since what comes after the deadline does not matter. */
  #next: { cancel(): void } | undefined;
  #sent = 0;

  constructor(
    clock: Clock,
    request: TcpProbeRequest | HttpProbeRequest,
    target: Reachable | undefined,
    report: (result: ProbeResult) => void,
  ) {
    this.#clock = clock;
    this.#request = request;
    this.#target = target;
    this.#report = report;
    this.#startedAt = clock.now();
    const { timeoutMs } = request;
    this.#deadline = timeoutMs > 0 ? this.#startedAt + timeoutMs * MICROS_PER_MILLISECOND : undefined;
    this.#connect();
  }

  cancel(): void {
    this.#next?.cancel();
    const waiting = this.#target?.waiting ?? [];
    const place = waiting.indexOf(this);
    if (place >= 0) waiting.splice(place, 1);
  }

  /** The target went away while it was to answer. */
  broken(): void {
    this.#end(RESET);
  }

  #connect(): void {
    const behaviour = this.#target?.connect();
    if (behaviour === undefined || behaviour.tcp === 'blackhole') {
      this.#connectAgain();
      return;
    }
    const ends = this.#answerToConnection(behaviour);
    const latency = this.#target?.latencyOf(behaviour) ?? 0;
    if (ends !== undefined) {
      this.#later(latency, () => this.#end(ends()));
      return;
    }
    this.#target?.waiting.push(this);
    if (behaviour.tcp === 'accept-only') this.#hang();
    else this.#later(latency, () => this.#answer(behaviour));
  }

  #connectAgain(): void {
    const before = RETRANSMISSIONS_SECONDS[this.#sent++] ?? 0;
    const next = RETRANSMISSIONS_SECONDS[this.#sent];
    if (next === undefined) this.#end(NO_CONNECTION);
    else this.#later((next - before) * MICROS_PER_SECOND, () => this.#connect());
  }

  /** Undefined where the connection stands and the request is sent. */
  #answerToConnection({ tcp, tls }: TargetBehaviour): (() => ProbeResult) | undefined {
    if (tcp === 'refuse') return () => REFUSED;
    if (this.#request.kind === 'tcp') return () => ({ up: true, reason: `connected in ${this.#elapsedMs()} ms` });
    if (tcp === 'reset') return () => RESET;
    return tls === 'fails' && /^https:/i.test(this.#request.url) ? () => TLS_FAILED : undefined;
  }

  #answer({ httpStatus: status, httpBody, bodyDelay }: TargetBehaviour): void {
    const request = this.#request;
    if (request.kind === 'tcp') return;
    const now = this.#target?.behaviour();
    if (now === undefined || now.tcp === 'blackhole' || now.tcp === 'accept-only') {
      this.#hang();
      return;
    }
    if (bodyDelay === 0) this.#end(verdictOf(request, status, httpBody, this.#elapsedMs()));
    else this.#later(bodyDelay, () => this.#end(verdictOf(request, status, httpBody, this.#elapsedMs())));
  }

  /** Nothing ever comes, so only the deadline is left, if there is one. */
  #hang(): void {
    this.#next?.cancel();
    if (this.#deadline !== undefined) this.#next = this.#clock.at(this.#deadline, () => this.#giveUp());
  }

  #later(delay: Micros, task: () => void): void {
    const at = this.#clock.now() + delay;
    // Both count from the start of the probe, so their order is the same in whatever phase the probe starts.
    if (this.#deadline !== undefined && at >= this.#deadline) this.#hang();
    else this.#next = this.#clock.at(at, task);
  }

  #giveUp(): void {
    this.#end(timedOut(this.#request.timeoutMs));
  }

  #end(result: ProbeResult): void {
    this.cancel();
    this.#report(result);
  }

  #elapsedMs(): number {
    return Math.round((this.#clock.now() - this.#startedAt) / MICROS_PER_MILLISECOND);
  }
}

interface KnownVerdict {
  readonly status: number;
  readonly body: string;
  readonly elapsedMs: number;
  readonly result: ProbeResult;
}

/** A healthy target gives the same answer over and over. */
const lastVerdicts = new WeakMap<HttpProbeRequest, KnownVerdict>();

function verdictOf(request: HttpProbeRequest, status: number, body: string, elapsedMs: number): ProbeResult {
  const last = lastVerdicts.get(request);
  if (last !== undefined && last.status === status && last.body === body && last.elapsedMs === elapsedMs) {
    return last.result;
  }
  const matched = request.stringMatch === '' || body.includes(request.stringMatch);
  const result = httpVerdict(request, { status, matched, bodyNumber: stoi(body), elapsedMs });
  lastVerdicts.set(request, { status, body, elapsedMs, result });
  return result;
}

const REFUSED = failed('connection refused');
const RESET = failed('connection reset');
const NO_CONNECTION = failed('connection timed out');
const TLS_FAILED = failed('the TLS handshake failed');

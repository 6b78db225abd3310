/**
 * One connection to a pretended target: answered as the target behaves, and, where packets are lost, taken up when a kernel
 * in scenario time would send its first packet again. To the prober a connection that is held and one that never came about
 * are one and the same: nothing comes until its timeout.
 */
import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { MICROS_PER_SECOND, type Micros } from '../../simulator/clock.ts';
import type { TargetBehaviour } from '../../simulator/world/behaviour.ts';
import { CERTIFICATE } from './certificate.ts';

export interface PretendedReach {
  readonly behaviour: TargetBehaviour;
  /** Packets vanish on the way. */
  readonly isCut: boolean;
}

export interface AttemptOptions {
  readonly socket: Socket;
  readonly isTls: boolean;
  /** As it is now. */
  readonly reach: () => PretendedReach;
  /** From 0 to 1, for losses and jitter. */
  readonly draw: () => number;
  /** Milliseconds of the machine that a time of the scenario takes. */
  readonly milliseconds: (time: Micros) => number;
}

/** When Linux sends the first packet of a connection again, counted from the first time. */
const RETRANSMISSIONS_SECONDS = [0, 1, 3, 7, 15, 31, 63, 127];

const TLS = createSecureContext(CERTIFICATE);

export class PretendedAttempt {
  readonly #options: AttemptOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #sent = 0;
  #answered = '';
  #delayed: Micros = 0;
  #isEnding = false;

  constructor(options: AttemptOptions) {
    this.#options = options;
    options.socket.on('error', () => {});
    options.socket.on('close', () => {
      for (const timer of this.#timers) clearTimeout(timer);
    });
    this.#connect();
  }

  /** What it was answered with; empty while nothing was. */
  get answered(): string {
    return this.#answered;
  }

  /** How long it took on purpose. */
  get delayed(): Micros {
    return this.#delayed;
  }

  /** The target went away. Where the connection is about to end it is only let go: Node would never close one that is reset then. */
  reset(): void {
    const { socket } = this.#options;
    if (this.#isEnding) socket.destroy();
    else if (!socket.destroyed) socket.resetAndDestroy();
  }

  #connect(): void {
    const { reach } = this.#options;
    const { behaviour, isCut } = reach();
    if (isCut || behaviour.tcp === 'blackhole' || this.#options.draw() < behaviour.loss) {
      const before = RETRANSMISSIONS_SECONDS[this.#sent++] ?? 0;
      const next = RETRANSMISSIONS_SECONDS[this.#sent];
      if (next !== undefined) this.#later((next - before) * MICROS_PER_SECOND, () => this.#connect());
      return;
    }
    this.#treat(behaviour);
  }

  #treat(behaviour: TargetBehaviour): void {
    const { socket, isTls } = this.#options;
    if (behaviour.tcp === 'refuse') this.reset();
    else if (behaviour.tcp === 'reset') this.#resetOnceUsed(behaviour);
    else if (behaviour.tcp === 'accept-only') this.#drain(socket);
    else if (isTls && behaviour.tls === 'fails') this.#later(this.#latencyOf(behaviour), () => socket.destroy());
    else this.#listenTo(this.#opened(), behaviour);
  }

  /** A prober that has not noticed yet that it is connected would take a reset for a refusal: it has once it says something. */
  #resetOnceUsed(behaviour: TargetBehaviour): void {
    const { socket } = this.#options;
    socket.once('data', () => this.#later(this.#latencyOf(behaviour), () => this.reset()));
    this.#drain(socket);
  }

  #opened(): Socket {
    const { socket, isTls } = this.#options;
    if (!isTls) return socket;
    const opened = new TLSSocket(socket, { isServer: true, secureContext: TLS });
    opened.on('error', () => socket.destroy());
    return opened;
  }

  #listenTo(socket: Socket, behaviour: TargetBehaviour): void {
    let head = '';
    socket.on('data', (bytes: Buffer) => {
      const isComplete = head.includes('\r\n\r\n');
      head += bytes.toString('latin1');
      if (!isComplete && head.includes('\r\n\r\n')) {
        this.#later(this.#latencyOf(behaviour), () => this.#answer(socket, behaviour));
      }
    });
    this.#drain(socket);
  }

  #drain(socket: Socket): void {
    socket.on('end', () => this.#end(socket, ''));
    socket.resume();
  }

  #end(socket: Socket, body: string): void {
    this.#isEnding = true;
    socket.end(body);
  }

  #answer(socket: Socket, { httpStatus, httpBody, bodyDelay }: TargetBehaviour): void {
    const now = this.#options.reach();
    if (now.isCut || now.behaviour.tcp === 'blackhole' || now.behaviour.tcp === 'accept-only') return;
    this.#answered = `${httpStatus}`;
    // The end of the connection is the end of the body, so that the last byte can be late even where there is none.
    socket.write(`HTTP/1.1 ${httpStatus} ${httpStatus < 400 ? 'OK' : 'Out Of Order'}\r\nConnection: close\r\n\r\n`);
    this.#later(bodyDelay, () => this.#end(socket, httpBody));
  }

  #latencyOf({ latency: { base, jitter } }: TargetBehaviour): Micros {
    return base + (jitter === 0 ? 0 : Math.round(jitter * this.#options.draw()));
  }

  #later(delay: Micros, task: () => void): void {
    this.#delayed += delay;
    if (delay === 0) {
      task();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#options.socket.destroyed) task();
    }, this.#options.milliseconds(delay));
    this.#timers.add(timer);
  }
}

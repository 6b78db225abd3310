/** A target on a loopback alias, as one server sees it: listeners on the ports that checks use, and what becomes of probes. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { UserError } from '../../input/errors.ts';
import type { Micros } from '../../simulator/clock.ts';
import type { TargetBehaviour } from '../../simulator/world/behaviour.ts';
import type { CheckedPort } from './checked-ports.ts';
import { DeafPort } from './deaf-port.ts';
import { PretendedAttempt, type PretendedReach } from './pretended-attempt.ts';

export interface SeenProbe {
  readonly port: number;
  /** `performance.now()` */
  readonly startedMs: number;
  endedMs: number | undefined;
  /** The status that it was answered with, `connected` for a connection alone; empty: nothing was answered. */
  answered: string;
  /** The target would have answered from the beginning to the end. */
  wasWell: boolean;
  /** How long the target took on purpose. */
  delayed: Micros;
}

export interface PretendedTargetOptions {
  readonly alias: string;
  readonly ports: readonly CheckedPort[];
  readonly resting: TargetBehaviour;
  readonly draw: () => number;
  readonly milliseconds: (time: Micros) => number;
}

interface Listener {
  readonly port: CheckedPort;
  server: Server | undefined;
  readonly deaf: DeafPort | undefined;
}

export class PretendedTarget {
  readonly #options: PretendedTargetOptions;
  readonly #listeners: readonly Listener[];
  readonly #attempts = new Set<PretendedAttempt>();
  readonly probes: SeenProbe[] = [];
  #reach: PretendedReach;

  private constructor(options: PretendedTargetOptions) {
    this.#options = options;
    this.#reach = { behaviour: options.resting, isCut: false };
    this.#listeners = options.ports.map((port) => ({
      port,
      server: undefined,
      deaf: port.canGoDeaf ? new DeafPort(options.alias, port.number, (probe) => this.probes.push(probe)) : undefined,
    }));
  }

  /** Throws `E_ENGINE_PORT` where a port cannot be listened on. */
  static async open(options: PretendedTargetOptions): Promise<PretendedTarget> {
    const target = new PretendedTarget(options);
    await Promise.all(target.#listeners.map(({ deaf }) => deaf?.start()));
    await target.#settle();
    return target;
  }

  async become(behaviour: TargetBehaviour): Promise<void> {
    this.#reach = { ...this.#reach, behaviour };
    await this.#settle();
    if (behaviour.tcp === 'refuse' || behaviour.tcp === 'reset') for (const attempt of this.#attempts) attempt.reset();
  }

  /** Packets between the server and the target vanish. */
  async setCut(isCut: boolean): Promise<void> {
    this.#reach = { ...this.#reach, isCut };
    await this.#settle();
  }

  async close(): Promise<void> {
    for (const attempt of this.#attempts) attempt.reset();
    await Promise.all(
      this.#listeners.map(async (listener) => {
        listener.server?.close();
        await listener.deaf?.close();
      }),
    );
  }

  #isWell(): boolean {
    const { behaviour, isCut } = this.#reach;
    return !isCut && behaviour.tcp === 'accept' && behaviour.tls === 'ok' && behaviour.loss === 0;
  }

  async #settle(): Promise<void> {
    const { behaviour, isCut } = this.#reach;
    const refuses = behaviour.tcp === 'refuse' && !isCut;
    const isDeaf = isCut || behaviour.tcp === 'blackhole' || behaviour.loss === 1;
    await Promise.all(
      this.#listeners.map(async (listener) => {
        if (listener.deaf !== undefined) {
          return listener.deaf.become(refuses ? 'closed' : isDeaf ? 'deaf' : 'open');
        }
        if (refuses) {
          listener.server?.close();
          listener.server = undefined;
        } else {
          listener.server ??= await this.#listen(listener.port);
        }
      }),
    );
  }

  async #listen(port: CheckedPort): Promise<Server> {
    const { alias } = this.#options;
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => this.#take(socket, port));
    try {
      server.listen(port.number, alias, 1024);
      await once(server, 'listening');
    } catch (cause) {
      throw portError(alias, port.number, cause);
    }
    return server;
  }

  #take(socket: Socket, port: CheckedPort): void {
    const { draw, milliseconds } = this.#options;
    const startedMs = performance.now();
    const probe: SeenProbe = {
      port: port.number,
      startedMs,
      endedMs: undefined,
      answered: '',
      wasWell: this.#isWell(),
      delayed: 0,
    };
    this.probes.push(probe);
    const reach = () => this.#reach;
    const attempt = new PretendedAttempt({ socket, isTls: port.isTls, reach, draw, milliseconds });
    this.#attempts.add(attempt);
    socket.on('close', () => {
      this.#attempts.delete(attempt);
      probe.endedMs = performance.now();
      probe.wasWell &&= this.#isWell();
      probe.delayed = attempt.delayed;
      probe.answered = attempt.answered || (port.isBare ? 'connected' : '');
    });
  }
}

export function portError(address: string, port: number, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError('E_ENGINE_PORT', `no pretended target can listen on ${address} port ${port}: ${reason}`, {
    hint: 'Free the port, or write another one.',
    exitCode: 3,
    cause,
  });
}

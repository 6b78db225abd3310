/**
 * A port of TCP checks whose connection attempts can vanish: the listener's thread sleeps with a full queue, so Linux drops
 * every further first packet. It sleeps and wakes at once, and nothing is refused meanwhile.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as arrivals, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SeenProbe } from './pretended-target.ts';
import { portError } from './pretended-target.ts';

type State = 'open' | 'deaf' | 'closed';

/** A queue of one holds two connections before it counts as full. */
const QUEUE = 2;
/** On one machine a connection is made at once, or not at all. */
const FULL_AFTER_MS = 250;

export class DeafPort {
  readonly #address: string;
  readonly #port: number;
  readonly #onProbe: (probe: SeenProbe) => void;
  readonly #flag = new Int32Array(new SharedArrayBuffer(4));
  #thread: Worker | undefined;
  #fillers: Socket[] = [];
  readonly #fillerPorts = new Set<number>();
  #state: State = 'closed';

  constructor(address: string, port: number, onProbe: (probe: SeenProbe) => void) {
    this.#address = address;
    this.#port = port;
    this.#onProbe = onProbe;
  }

  async start(): Promise<void> {
    const workerData = { address: this.#address, port: this.#port, flag: this.#flag };
    const thread = new Worker(THREAD, { eval: true, workerData });
    thread.on('message', (message: string | number) => {
      if (typeof message === 'string' || this.#fillerPorts.delete(message)) return;
      const now = performance.now();
      this.#onProbe({
        port: this.#port,
        startedMs: now,
        endedMs: now,
        answered: 'connected',
        wasWell: true,
        delayed: 0,
      });
    });
    this.#thread = thread;
    await once(thread, 'online');
  }

  async become(state: State): Promise<void> {
    if (state === this.#state) return;
    if (this.#state === 'deaf') this.#wake();
    this.#state = state;
    if (state === 'deaf') {
      await this.#tell('open');
      await this.#tell('sleep');
      await this.#fill();
    } else {
      await this.#tell(state);
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'deaf') this.#wake();
    await this.#thread?.terminate();
  }

  #wake(): void {
    for (const filler of this.#fillers) filler.destroy();
    this.#fillers = [];
    Atomics.store(this.#flag, 0, 0);
    Atomics.notify(this.#flag, 0);
  }

  /** Connections that were made before may be in the queue still: then not all of these find room, and it is full as well. */
  async #fill(): Promise<void> {
    await Promise.all(
      Array.from({ length: QUEUE }, async () => {
        const filler = connect({ host: this.#address, port: this.#port });
        this.#fillers.push(filler);
        // What becomes of it is of no interest: the queue is full of it until it is destroyed.
        filler.on('error', () => {});
        const isIn = await Promise.race([once(filler, 'connect').then(() => true), fullByNow()]);
        if (isIn && filler.localPort !== undefined) this.#fillerPorts.add(filler.localPort);
      }),
    );
  }

  async #tell(order: 'open' | 'closed' | 'sleep'): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    if (order === 'sleep') Atomics.store(this.#flag, 0, 1);
    await new Promise<void>((resolve, reject) => {
      const hear = (message: string | number) => {
        if (typeof message === 'number') return;
        thread.off('message', hear);
        if (message === order) resolve();
        else reject(portError(this.#address, this.#port, new Error(message)));
      };
      thread.on('message', hear);
      thread.postMessage(order);
    });
  }
}

/**
 * A busy process finds its timers due before it has looked at its sockets: a connection that is made already comes first, or
 * its port would not be known for that of a filler.
 */
async function fullByNow(): Promise<false> {
  await sleep(FULL_AFTER_MS);
  await arrivals();
  return false;
}

/** Says what it was told once it is done, or why it could not; and the client's port of each connection. */
const THREAD = `
  const { createServer } = require('node:net');
  const { parentPort, workerData: { address, port, flag } } = require('node:worker_threads');
  let server;
  // Connections that are made already are taken first: a turn of the loop goes by.
  parentPort.on('message', (order) => setImmediate(() => setImmediate(() => obey(order))));
  const obey = (order) => {
    if (order === 'sleep') {
      parentPort.postMessage(order);
      Atomics.wait(flag, 0, 1);
    } else if (order === 'closed') {
      server?.close();
      server = undefined;
      parentPort.postMessage(order);
    } else if (server !== undefined) {
      parentPort.postMessage(order);
    } else {
      server = createServer((socket) => {
        socket.on('error', () => {});
        parentPort.postMessage(socket.remotePort ?? 0);
        socket.on('end', () => socket.end());
        socket.resume();
      });
      server.once('error', (error) => parentPort.postMessage(error.message));
      server.listen({ host: address, port, backlog: 1 }, () => parentPort.postMessage(order));
    }
  };
`;

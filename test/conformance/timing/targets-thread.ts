/** The thread in which the targets of a story live: however busy the asking is, they see and answer probes in time. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { parentPort } from 'node:worker_threads';
import type { Micros } from '../../../simulator/clock.ts';
import { startStallMeter } from '../../soak/stall.ts';
import { type Arrival, type SeenPhase, wallMicros } from './observed.ts';
import type { StoryPhase } from './story.ts';
import type { FromTargets, ToTargets } from './targets.ts';

const MILLISECONDS = 1000;
const arrivals: { target: string; at: Micros; closedAt: Micros | undefined }[] = [];
let stalls = startStallMeter();

class Target {
  readonly #label: string;
  readonly #address: string;
  readonly #port: number;
  readonly seen: SeenPhase[] = [];
  #phase: StoryPhase = { at: 0, does: 'closed' };
  #server: Server | undefined;

  constructor(label: string, address: string, port: number) {
    this.#label = label;
    this.#address = address;
    this.#port = port;
  }

  async become(phase: StoryPhase, at?: Micros): Promise<void> {
    this.#phase = phase;
    if (phase.does === 'closed') {
      this.#server?.close();
      this.#server = undefined;
    } else if (this.#server === undefined) {
      this.#server = createServer((socket) => this.#take(socket));
      this.#server.listen(this.#port, this.#address, 1024);
      await once(this.#server, 'listening');
    }
    this.seen.push({ ...phase, at: at ?? wallMicros() });
  }

  #take(socket: Socket): void {
    const arrival: (typeof arrivals)[number] = { target: this.#label, at: wallMicros(), closedAt: undefined };
    arrivals.push(arrival);
    const { does, latencySeconds = 0 } = this.#phase;
    let request = '';
    socket.on('data', (bytes) => {
      request += bytes.toString('latin1');
      if (does === 'hangs' || !request.endsWith('\r\n\r\n')) return;
      const status = does === 'answers' ? '200 OK' : '503 Out Of Order';
      const text = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 3\r\n\r\nok\n`;
      if (latencySeconds === 0) socket.end(text);
      else setTimeout(() => socket.end(text), latencySeconds * 1000);
    });
    const close = () => {
      arrival.closedAt ??= wallMicros();
      socket.end();
    };
    socket.on('end', close).on('error', close).on('close', close);
  }
}

const targets = new Map<string, Target>();

parentPort?.on('message', async (message: ToTargets) => {
  switch (message.kind) {
    case 'open': {
      for (const { label, address, first } of message.targets) {
        const target = new Target(label, address, message.port);
        targets.set(label, target);
        await target.become(first, 0);
      }
      return say({ kind: 'opened' });
    }
    case 'begin': {
      stalls.stop();
      stalls = startStallMeter();
      for (const { label, phase } of message.changes) {
        const waitMs = (message.beganAt - wallMicros()) / MILLISECONDS + phase.at * 1000;
        setTimeout(() => void targets.get(label)?.become(phase), waitMs);
      }
      return;
    }
    case 'end': {
      const phases = Object.fromEntries([...targets].map(([label, { seen }]) => [label, seen]));
      return say({
        kind: 'ended',
        arrivals: arrivals satisfies readonly Arrival[],
        phases,
        longestStallMs: stalls.stop().longestMs,
      });
    }
  }
});

function say(message: FromTargets): void {
  parentPort?.postMessage(message);
}

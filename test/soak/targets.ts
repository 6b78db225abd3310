import { Worker } from 'node:worker_threads';
import { freePort } from '../../wire/rig/ports.ts';
import type { Behaviour } from './target.ts';

export type { Behaviour } from './target.ts';

export interface Targets {
  /** The same port on every address. */
  readonly port: number;
  /** The address of the target `index`, in a network of loopback that no other running soak uses. */
  address(index: number): string;
  /** When it resolves, the next request is treated so. */
  become(index: number, behaviour: Behaviour): Promise<void>;
  close(): Promise<void>;
}

export interface ToThread {
  readonly id: number;
  readonly address: string;
  readonly port: number;
  readonly behaviour: Behaviour;
}

export interface FromThread {
  readonly id: number;
  readonly error: string | undefined;
}

/** Starts `count` targets that are up. */
export async function startTargets(count: number): Promise<Targets> {
  const address = (index: number) => `127.${100 + ((process.pid >> 8) % 100)}.${process.pid % 256}.${10 + index}`;
  const port = await freePort(address(0));
  const thread = new Worker(new URL('./targets-thread.ts', import.meta.url));
  const waiting = new Map<number, (error: string | undefined) => void>();
  let questions = 0;
  thread.on('message', ({ id, error }: FromThread) => {
    waiting.get(id)?.(error);
    waiting.delete(id);
  });
  const become = async (index: number, behaviour: Behaviour): Promise<void> => {
    const id = questions++;
    const done = new Promise<string | undefined>((resolve) => waiting.set(id, resolve));
    thread.postMessage({ id, address: address(index), port, behaviour } satisfies ToThread);
    const error = await done;
    if (error !== undefined) throw new Error(`target ${address(index)}: ${error}`);
  };
  for (let index = 0; index < count; index++) await become(index, 'ok');
  return { port, address, become, close: async () => void (await thread.terminate()) };
}

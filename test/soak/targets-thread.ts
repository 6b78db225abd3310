/** The thread in which the targets live: however busy the agent is, they answer in time. */
import { parentPort } from 'node:worker_threads';
import { Target } from './target.ts';
import type { FromThread, ToThread } from './targets.ts';

const targets = new Map<string, Target>();

parentPort?.on('message', async ({ id, address, port, behaviour }: ToThread) => {
  let target = targets.get(address);
  if (target === undefined) {
    target = new Target(address, port);
    targets.set(address, target);
  }
  const error = await target.become(behaviour).then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  parentPort?.postMessage({ id, error } satisfies FromThread);
});

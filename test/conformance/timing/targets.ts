/** The targets of a story, in a thread of their own. */
import { Worker } from 'node:worker_threads';
import { MICROS_PER_MILLISECOND, type Micros } from '../../../simulator/clock.ts';
import { freePort } from '../../../wire/rig/ports.ts';
import type { Arrival, Observed, SeenPhase } from './observed.ts';
import type { Place, Story, StoryPhase } from './story.ts';

export type ToTargets =
  | {
      readonly kind: 'open';
      readonly port: number;
      readonly targets: readonly { readonly label: string; readonly address: string; readonly first: StoryPhase }[];
    }
  | {
      readonly kind: 'begin';
      readonly beganAt: Micros;
      readonly changes: readonly { readonly label: string; readonly phase: StoryPhase }[];
    }
  | { readonly kind: 'end' };

/** Times of the wall clock. */
export type FromTargets =
  | { readonly kind: 'opened' }
  | {
      readonly kind: 'ended';
      readonly arrivals: readonly Arrival[];
      readonly phases: Readonly<Record<string, readonly SeenPhase[]>>;
      readonly longestStallMs: number;
    };

export interface StoryTargets extends Place {
  /** From now on they change as the story has it. */
  begin(beganAt: Micros): void;
  /** What they have seen. */
  end(): Promise<Pick<Observed, 'arrivals' | 'phases' | 'longestStallMicros'>>;
  close(): Promise<void>;
}

export async function openTargets(story: Story): Promise<StoryTargets> {
  const labels = Object.keys(story.targets);
  // A network of loopback that no other running process uses.
  const network = `127.${150 + ((process.pid >> 8) % 100)}.${process.pid % 256}`;
  const address = (target: string): string => {
    const index = labels.indexOf(target);
    if (index < 0) throw new RangeError(`the story has no target ${target}`);
    return `${network}.${10 + index}`;
  };
  const port = await freePort(`${network}.10`);
  const thread = new Worker(new URL('./targets-thread.ts', import.meta.url));
  const say = (message: ToTargets): void => thread.postMessage(message);
  const heard = (): Promise<FromTargets> =>
    new Promise((resolve, reject) => thread.once('message', resolve).once('error', reject));
  const targets = Object.entries(story.targets).flatMap(
    ([
      label,
      {
        phases: [first],
      },
    ]) => (first === undefined ? [] : [{ label, address: address(label), first }]),
  );
  say({ kind: 'open', port, targets });
  await heard();
  let beganAt = 0;
  return {
    port,
    address,
    begin(at) {
      beganAt = at;
      const changes = Object.entries(story.targets).flatMap(([label, { phases }]) =>
        phases.slice(1).map((phase) => ({ label, phase })),
      );
      say({ kind: 'begin', beganAt, changes });
    },
    async end() {
      say({ kind: 'end' });
      const report = await heard();
      if (report.kind !== 'ended') throw new Error(`the targets said ${report.kind}`);
      const since = (at: Micros): Micros => at - beganAt;
      const phases = Object.entries(report.phases).map(([label, seen]) => [
        label,
        seen.map((phase, i) => (i === 0 ? phase : { ...phase, at: since(phase.at) })),
      ]);
      return {
        arrivals: report.arrivals
          .map(({ target, at, closedAt }) => ({ target, at: since(at), closedAt: closedAt && since(closedAt) }))
          .sort((a, b) => a.at - b.at),
        phases: Object.fromEntries(phases),
        longestStallMicros: Math.round(report.longestStallMs * MICROS_PER_MILLISECOND),
      };
    },
    close: async () => void (await thread.terminate()),
  };
}

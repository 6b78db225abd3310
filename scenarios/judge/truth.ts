/** How targets really were, whatever servers believed: what the timeline made of them. */
import type { Micros } from '../../simulator/clock.ts';
import type { TargetBehaviour } from '../../simulator/world/behaviour.ts';
import type { Since } from '../../simulator/world/history.ts';
import type { WorldPlan } from '../../simulator/world/plan.ts';

/** Whether the target at an address serves its clients, over time. A flapping target is dead while it is down. */
export function aliveOf({ targets, events }: Pick<WorldPlan, 'targets' | 'events'>, address: string): Since<boolean>[] {
  const target = targets.find((each) => each.address === address);
  if (target === undefined) return [];
  const alive: Since<boolean>[] = [{ at: 0, value: serves(target.behaviour) }];
  for (const event of events) {
    if (event.kind !== 'behaviour' || event.address !== address) continue;
    const value = serves(event.behaviour);
    if (alive.at(-1)?.value !== value) alive.push({ at: event.at, value });
  }
  return alive;
}

/** Since when it has been dead at a moment; undefined while it lives. */
export function deadSince(alive: readonly Since<boolean>[], at: Micros): Micros | undefined {
  const last = alive.findLast((change) => change.at <= at);
  return last === undefined || last.value ? undefined : last.at;
}

/** How late it answers is for its clients to say. */
function serves({ tcp, httpStatus, tls, loss }: TargetBehaviour): boolean {
  return tcp === 'accept' && httpStatus < 500 && tls === 'ok' && loss < 1;
}

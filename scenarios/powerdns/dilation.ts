/** How much faster than the clock on the wall a scenario can be run on real servers. */
import type { Zone } from '../../simulator/zone/record.ts';
import type { Scenario } from '../scenario.ts';
import { canVanish } from './cannot-run.ts';
import { codeOf, portsInCode } from './checked-ports.ts';

/** A minute takes two seconds. Timers of a busy machine are late by a few milliseconds, which is so many times as much then. */
export const USUAL_DILATION = 30;
/** Questions take their time, whatever clocks say. */
const WITH_SAMPLES = 3;

/**
 * The most that comes out right. libfaketime makes everything faster that a server waits for: its sleeps, the timeouts of its
 * connections and of libcurl. The kernel's own clock goes on as ever, and is seen in one case: a connection that is opened
 * while packets vanish tries again after a second of the machine.
 */
export function mostDilation(scenario: Scenario, zone: Zone): { readonly times: number; readonly why: string } {
  if (portsInCode(codeOf(scenario, zone)).tcp.length > 0 && canVanish(scenario)) {
    return { times: 1, why: 'the kernel sends lost packets of ifportup again by its own clock' };
  }
  const networks = [...scenario.clients.values()].reduce((sum, { sample }) => sum + (sample ?? 0), 0);
  if (networks > 64) return { times: WITH_SAMPLES, why: `${networks} client networks are asked for at one moment` };
  return { times: USUAL_DILATION, why: '' };
}

/** Which phases a run looks at, as people ask for them. */
import { parseDuration } from '../input/duration.ts';
import { UserError } from '../input/errors.ts';
import { MICROS_PER_MILLISECOND } from '../simulator/clock.ts';
import type { PhaseRequest } from './scenario.ts';

/** `all`, a number of phases, or one offset such as `2.5s`. Throws `UserError` (`E_USAGE`) for anything else; `what` names it. */
export function parsePhase(text: string, what: string): PhaseRequest {
  if (text === 'all') return { kind: 'all' };
  if (/^[1-9]\d{0,4}$/.test(text)) return { kind: 'sweep', count: Number(text) };
  const offsetMs = parseDuration(text);
  if (offsetMs !== undefined) return { kind: 'fixed', offset: offsetMs * MICROS_PER_MILLISECOND };
  throw new UserError('E_USAGE', `${what} ${text}: expected all, a number of phases, or an offset`, {
    hint: `Write ${what} all, ${what} 25 or ${what} 2.5s.`,
  });
}

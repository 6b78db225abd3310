/** How the targets of checks are, by what is stated of them. */
import { type Check, timeoutSeconds } from '../simulator/health/check.ts';
import { allMapped, type MappedAddresses, namesOfCheck } from '../simulator/health/check-names.ts';
import { type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import type { TargetAssumptions, TargetState } from './fleet.ts';

export type StateOf = (check: Check) => TargetState;

type StatedStates = TargetAssumptions['states'];

/** What is not named answers. Of several names of a check the most particular one counts. */
export function stateOfChecks(states: StatedStates, names: readonly Mapping[]): StateOf {
  if (states.size === 0) return () => 'answers';
  const mapped = mappedBy(names);
  return (check) => {
    const stated = namesOfCheck(check, mapped).flatMap((name) => states.get(name) ?? []);
    return stated.at(-1) ?? 'answers';
  };
}

/** What a server comes to believe of a check whose target is so. Of a probe that nothing ends it never learns anything. */
export function believedOf(check: Check, state: TargetState): CheckStatus {
  // A connection that PowerDNS does not wait for is as good as made.
  const isBlind = check.kind === 'tcp' && timeoutSeconds(check) === 0;
  return state === 'answers' || isBlind ? UP : DOWN;
}

/** What a name maps with `ifurlextup`, of all that a survey found of it. */
interface Mapping {
  readonly mapped: MappedAddresses;
}

interface Probing extends Mapping {
  readonly warm: readonly Check[];
  readonly standby: readonly Check[];
}

/** Sentences on states that are stated to no effect: of what nothing probes, or of one check twice and differently. */
export function strangeStates(states: StatedStates, names: readonly Probing[]): string[] {
  const mapped = mappedBy(names);
  const checks = new Map(names.flatMap(({ warm, standby }) => [...warm, ...standby].map((check) => [check.id, check])));
  const named = [...checks.values()].map((check) => ({ check, own: namesOfCheck(check, mapped) }));
  const probed = new Set(named.flatMap(({ own }) => own));
  const strangers = [...states.keys()]
    .filter((name) => !probed.has(name))
    .map((name) => `targets.states names ${name}, which no check of these records goes by`);
  const contradicted = named.flatMap(({ check, own }) => {
    const said = own.filter((name) => states.has(name));
    const last = said.at(-1);
    if (last === undefined || new Set(said.map((name) => states.get(name))).size === 1) return [];
    const texts = said.map((name) => `${name} ${states.get(name)}`).join(', ');
    return [
      `targets.states says ${texts}, but one check speaks for both (${check.url || check.target}): that of ${last} counts`,
    ];
  });
  return [...strangers, ...new Set(contradicted)];
}

function mappedBy(names: readonly Mapping[]): MappedAddresses {
  return allMapped(names.map(({ mapped }) => mapped));
}

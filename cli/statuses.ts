/** Which targets are up: as stated by flags, else all of them. */
import { UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';
import type { AskedChecks } from '../simulator/answer/asked-checks.ts';
import type { Check } from '../simulator/health/check.ts';
import { canonicalName, type MappedAddresses, namesOfCheck } from '../simulator/health/check-names.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import type { Warning } from '../simulator/lua/context.ts';

/** Targets by what they are stated to be, each by a name of its checks. */
export interface StatedTargets {
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly unknown: readonly string[];
}

export type StatusOf = (check: Check) => CheckStatus;

/** What is stated in the spelling of `namesOfCheck`. Throws `E_TARGET_TWICE`. */
export function statedTargets(written: StatedTargets): StatedTargets {
  const stated = {
    up: written.up.map(canonicalName),
    down: written.down.map(canonicalName),
    unknown: written.unknown.map(canonicalName),
  };
  refuseTwice(stated);
  return stated;
}

/**
 * The status of a check from what was stated. `otherwise` is asked for targets that were not named; without it they are up,
 * but down where only targets that are up were named.
 */
export function statedStatuses(
  { up, down, unknown }: StatedTargets,
  mapped: MappedAddresses,
  otherwise?: StatusOf,
): StatusOf {
  const rest = up.length > 0 && down.length === 0 && unknown.length === 0 ? DOWN : UP;
  return (check) => {
    const names = namesOfCheck(check, mapped);
    const isNamed = (list: readonly string[]) => names.some((name) => list.includes(name));
    if (isNamed(down)) return DOWN;
    if (isNamed(unknown)) return ABSENT;
    if (isNamed(up)) return UP;
    return otherwise === undefined ? rest : otherwise(check);
  };
}

/** A warning for each stated target that none of the checks has: most likely a slip of the pen. */
export function unusedTargets(stated: StatedTargets, { checks, mapped }: AskedChecks, record: string): Warning[] {
  const known = [...new Set(checks.flatMap((check) => namesOfCheck(check, mapped)))];
  const names = [...stated.up, ...stated.down, ...stated.unknown];
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const meant = closestWord(name, known);
      const targets = [...new Set(checks.map((check) => check.target || check.url))].join(', ');
      const hint =
        meant === undefined
          ? targets === ''
            ? 'It checks nothing.'
            : `It checks ${targets}.`
          : `Did you mean ${meant}?`;
      return { code: 'E_TARGET_UNUSED', message: `${record} checks no target ${name}. ${hint}` };
    });
}

/** A warning where several things are stated of one check, by several of its names. */
export function contradictedChecks(stated: StatedTargets, { checks, mapped }: AskedChecks): Warning[] {
  const messages = checks.flatMap((check) => {
    const names = namesOfCheck(check, mapped);
    const said = (['down', 'unknown', 'up'] as const).flatMap((status) => {
      const name = names.find((each) => stated[status].includes(each));
      return name === undefined ? [] : [{ status, text: `${name} is stated ${status}` }];
    });
    const [counts] = said;
    if (counts === undefined || said.length < 2) return [];
    const texts = said.map(({ text }) => text).join(', ');
    return `${texts}, but one check speaks for both (${check.url || check.target}): it is taken as ${counts.status}.`;
  });
  return [...new Set(messages)].map((message) => ({ code: 'E_TARGET_CONTRADICTED', message }));
}

function refuseTwice(lists: Readonly<Record<string, readonly string[]>>): void {
  const flags = new Map<string, string>();
  for (const [flag, targets] of Object.entries(lists)) {
    for (const target of new Set(targets)) {
      const other = flags.get(target);
      if (other !== undefined) {
        throw new UserError('E_TARGET_TWICE', `${target} is stated --${other} and --${flag}`, {
          hint: 'State it once.',
        });
      }
      flags.set(target, flag);
    }
  }
}

/** Which targets are up: as stated by flags, else all of them. */
import { formatAddress, parseAddress } from '../geoip/address.ts';
import { UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';
import type { Check } from '../simulator/health/check.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import type { Warning } from '../simulator/lua/context.ts';

/** Targets by what they are stated to be. A target is named by its address, by address and port, or by the URL of its check. */
export interface StatedTargets {
  readonly up: readonly string[];
  readonly down: readonly string[];
  readonly unknown: readonly string[];
}

export type StatusOf = (check: Check) => CheckStatus;

/**
 * The status of a check from what was stated. `otherwise` is asked for targets that were not named; without it they are up,
 * but down where only targets that are up were named. Throws `E_TARGET_TWICE`.
 */
export function statedStatuses(stated: StatedTargets, otherwise?: StatusOf): StatusOf {
  const up = stated.up.map(canonicalTarget);
  const down = stated.down.map(canonicalTarget);
  const unknown = stated.unknown.map(canonicalTarget);
  refuseTwice({ up, down, unknown });
  const rest = up.length > 0 && down.length === 0 && unknown.length === 0 ? DOWN : UP;
  return (check) => {
    const isNamed = (list: readonly string[]) => namesOf(check).some((name) => list.includes(name));
    if (isNamed(down)) return DOWN;
    if (isNamed(unknown)) return ABSENT;
    if (isNamed(up)) return UP;
    return otherwise === undefined ? rest : otherwise(check);
  };
}

/** A warning for each stated target that none of `checks` has: most likely a slip of the pen. */
export function unusedTargets(stated: StatedTargets, checks: readonly Check[], record: string): Warning[] {
  const known = [...new Set(checks.flatMap(namesOf))];
  const names = [...stated.up, ...stated.down, ...stated.unknown];
  return names
    .filter((name) => !known.includes(canonicalTarget(name)))
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

function namesOf(check: Check): string[] {
  return [check.address, check.target, check.url].filter((name) => name !== '');
}

function canonicalTarget(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
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

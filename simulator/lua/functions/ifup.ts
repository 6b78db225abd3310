/**
 * The availability functions: `ifportup`, `ifurlup`, `ifurlextup` and `pickselfweighted`. They never wait for a probe;
 * they read what the checker believes and make new checks known to it.
 */
import { formatAddress, type IpAddress, parseComboAddress } from '../../../geoip/address.ts';
import { type Check, type CheckOptions, externalCheck, httpCheck, tcpCheck } from '../../health/check.ts';
import { availability } from '../../health/status.ts';
import type { EvaluationContext } from '../context.ts';
import { Opaque, ServerCrash } from '../context.ts';
import {
  addressGroups,
  type Candidate,
  candidate,
  forEachEntry,
  forEachItem,
  integer,
  optional,
  options,
  orderedTexts,
  type Reader,
  recordFunction,
  text,
} from '../convert.ts';
import { LuaError } from '../lua-error.ts';
import { pickByHash, pickByWeight, pickClosest, pickHashed, pickRandom } from './select.ts';

/** A candidate of a group and the check that speaks for it. */
interface Watched {
  readonly address: IpAddress;
  readonly check: Check;
}

export const ifportup = recordFunction(
  'ifportup',
  [integer, addressGroups, optional(options)],
  (context, port, { groups, nested }, opts = {}) => {
    if (nested && !context.profile.portGroups) throw new LuaError('ifportup takes no groups before 4.8');
    const checkedPort = context.profile.portRange === 'clamped' ? Math.min(65_535, Math.max(0, port)) : port & 0xffff;
    const watch = ({ address, port: own }: Candidate) =>
      tcpCheck(formatAddress(address), own === 0 ? checkedPort : own, opts);
    return selectAvailable(context, withChecks(groups, watch), opts);
  },
);

export const ifurlup = recordFunction(
  'ifurlup',
  [text, addressGroups, optional(options)],
  (context, url, { groups }, opts = {}) => {
    const watch = ({ address, port }: Candidate) => httpCheck(formatAddress(address), port, url, opts);
    return selectAvailable(context, withChecks(groups, watch), opts);
  },
);

/** Groups of `[address] = url`. Up to 5.0 the order inside a group is that of a hash map and differs between Lua states. */
const urlGroups: Reader<readonly (readonly { readonly address: string; readonly url: string }[])[]> = (
  stack,
  slot,
  context,
) => {
  const groups: { address: string; url: string }[][] = [];
  forEachItem(stack, slot, 'a list of {[address]=url} tables', (groupSlot) => {
    const group: { address: string; url: string }[] = [];
    forEachEntry(stack, groupSlot, 'a table of [address]=url', (keySlot, valueSlot) => {
      group.push({ address: text(stack, keySlot, context), url: text(stack, valueSlot, context) });
    });
    groups.push(group.sort((a, b) => (a.address < b.address ? -1 : 1)));
  });
  return groups;
};

export const ifurlextup = recordFunction('ifurlextup', [urlGroups, optional(options)], (context, groups, opts = {}) => {
  const watched = groups.map((group) =>
    group.map(({ address, url }) => ({ address: candidate(address).address, check: externalCheck(url, opts) })),
  );
  return selectAvailable(context, watched, opts, context.profile.extOrder === 'hash' ? 'hash' : 'list');
});

/** Weights are the numbers that the targets answer. From 5.0. */
export const pickselfweighted = recordFunction(
  'pickselfweighted',
  [text, orderedTexts, optional(options)],
  (context, url, list, opts = {}) => {
    requireReadable(context, opts);
    const rows = list.map(candidate).map(({ address, port }) => {
      const check = httpCheck(formatAddress(address), port, url, opts);
      const weight = availability(
        context.statusOf(check, formatAddress(address)),
        opts.failOnIncompleteCheck === 'true',
      );
      if (weight < 0) throw new Opaque('pickselfweighted with failOnIncompleteCheck counts unknown targets as 2^32-1');
      return { weight, value: formatAddress(address) };
    });
    if (rows.length === 0) throw new LuaError('cannot pick from an empty list');
    if (rows.some((row) => row.weight > 0)) {
      return pickByHash(context, rows, 'client');
    }
    context.because(() => ({ step: 'no target is up, and pickselfweighted has no backup: an error', detail: {} }));
    if (rows.every((row) => row.weight === 0)) throw new LuaError('all weights are 0');
    return pickByWeight(context, rows);
  },
);

function withChecks(groups: readonly (readonly Candidate[])[], watch: (candidate: Candidate) => Check): Watched[][] {
  return groups.map((group) => group.map((item) => ({ address: item.address, check: watch(item) })));
}

/**
 * The first group with an available member answers; later groups are not even asked. Without any, the backup selector
 * picks from all candidates (up to 5.0) or from the first group that has any (from 5.1).
 */
function selectAvailable(
  context: EvaluationContext,
  groups: Watched[][],
  opts: CheckOptions,
  order: Order = 'list',
): readonly string[] {
  if (groups.some((group) => group.length > 0)) requireReadable(context, opts);
  const select = (option: 'selector' | 'backupSelector', list: readonly IpAddress[]) =>
    selectFrom(context, option, selectorName(opts[option]), list, order);
  const { profile } = context;
  const wantsIncomplete = profile.incompleteFails && opts.failOnIncompleteCheck === 'true';
  let anyResult = false;
  for (const [i, group] of groups.entries()) {
    const available: IpAddress[] = [];
    for (const { address, check } of group) {
      const value = availability(context.statusOf(check, formatAddress(address)), wantsIncomplete);
      if (value > 0) available.push(address);
      if (value >= 0) anyResult = true;
    }
    if (available.length > 0) {
      context.because(() => ({
        step: `set ${i + 1} of ${groups.length} has ${available.length} of ${group.length} up: ${available.map(formatAddress).join(', ')}`,
        detail: { set: i + 1, up: available.map(formatAddress) },
      }));
      return select('selector', available);
    }
  }
  if (profile.incompleteFails && !anyResult) {
    context.because(() => ({ step: 'no check has a result yet, which this call treats as an error', detail: {} }));
    throw new LuaError('no result of any check yet');
  }
  const backup =
    profile.backupCandidates === 'all groups' ? groups.flat() : (groups.find((group) => group.length > 0) ?? []);
  context.because(() => ({
    step: `nothing is up: the backup selector picks from ${profile.backupCandidates === 'all groups' ? 'all sets' : 'the first set'}`,
    detail: { candidates: backup.map(({ address }) => formatAddress(address)) },
  }));
  return select(
    'backupSelector',
    backup.map(({ address }) => address),
  );
}

function selectorName(option: CheckOptions[string] | undefined): string {
  return typeof option === 'string' ? option : 'random';
}

/** Whether candidates come as they were listed, or in the order of a hash map that differs between Lua states. */
type Order = 'list' | 'hash';

function selectFrom(
  context: EvaluationContext,
  option: string,
  name: string,
  list: readonly IpAddress[],
  order: Order,
): readonly string[] {
  const known = context.profile.selectors.has(name);
  if (known && name === 'all') return list.map(formatAddress);
  if (known && name === 'empty') return [];
  if (name === 'hashed' && order === 'hash' && list.length > 1) {
    throw new Opaque(
      `ifurlextup with ${option}='hashed' follows the order of a hash map, which differs between states`,
    );
  }
  if (known && name === 'hashed') return [formatAddress(pickHashed(context, list))];
  if (known && name === 'pickclosest') return [formatAddress(pickClosest(context, list))];
  if (!known) {
    context.warn({
      code: 'E_SELECTOR_UNKNOWN',
      message:
        `${option}='${name}' does not exist in PowerDNS ${context.profile.line}: it logs a warning and picks at random. ` +
        unknownSelectorHint(name, context.profile.selectors),
    });
  }
  context.because(() => ({
    step: `${known ? 'the random selector' : `'${name}' is no selector, so PowerDNS`} draws one of ${list.length}`,
    detail: { selector: name, known, candidates: list.map(formatAddress) },
  }));
  return [formatAddress(pickRandom(context, list))];
}

function unknownSelectorHint(name: string, selectors: ReadonlySet<string>): string {
  if (/first|primary|failover|order|prio/i.test(name)) {
    return "For a primary and a standby write ordered sets: {{'primary'},{'standby'}}.";
  }
  const sameLetters = [...selectors].find((selector) => selector.toLowerCase() === name.toLowerCase());
  return sameLetters === undefined ? `It has: ${[...selectors].join(', ')}.` : `Write '${sameLetters}'.`;
}

/**
 * A source that is no address fails the call itself, on the first query already. A table for the interval is read by the
 * checker, which nothing catches: the question is answered, and the process ends (5.1.5; 5.0 was not asked).
 */
function requireReadable({ profile }: EvaluationContext, { source, interval }: CheckOptions): void {
  if (typeof source === 'object') throw new LuaError('source is a table, not an address');
  if (typeof source === 'string' && parseComboAddress(source) === undefined) {
    throw new LuaError(`Unable to convert presentation address '${source}'`);
  }
  if (profile.checkTuning && typeof interval === 'object') {
    throw new ServerCrash("interval is a table: its check ends the whole server process; write interval='10'");
  }
}

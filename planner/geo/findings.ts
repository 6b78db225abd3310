/** What stands out, in sentences with numbers. */
import { type Finding, inOrder, someOf } from '../finding.ts';
import { type Amounts, MEASURES, type Measure } from './amounts.ts';
import type { StateFigures } from './figures.ts';
import type { Results, ResultsHead } from './results.ts';

/** How clients are counted in sentences. */
export interface Counting {
  readonly measure: Measure;
  readonly of: string;
}

export function countingOf({ countedBy }: Pick<ResultsHead, 'countedBy'>): Counting {
  return countedBy === 'traffic'
    ? { measure: 'traffic', of: 'of the traffic' }
    : { measure: 'ipv4Addresses', of: 'of IPv4 addresses' };
}

/** The most serious first. What several records have in common is said once. */
export function findingsOf({ head, states }: Results): readonly Finding[] {
  const counting = countingOf(head);
  // Without networks of clients, one address stands for the whole world.
  const hasClients = head.databases.length > 0 || head.countedBy === 'traffic';
  const drafts = [...Map.groupBy(states, ({ name, type }) => `${name} ${type}`).values()]
    .flatMap((record) => record.flatMap((state) => draftsOf(state, record, counting)))
    .filter(({ code }) => code !== 'GEO_HASH_SKEW' || hasClients);
  const grouped = Map.groupBy(drafts, ({ code, rest, advice }) => `${code}\n${rest}\n${advice}`);
  return inOrder(
    [...grouped.values()].flatMap((same) => {
      const [first] = same;
      if (first === undefined) return [];
      const { subject: _, rest, ...finding } = first;
      return [{ ...finding, message: `${someOf(same.map(({ subject }) => subject))}: ${rest}` }];
    }),
  );
}

interface Draft extends Omit<Finding, 'message'> {
  readonly subject: string;
  readonly rest: string;
}

type Rule = (
  state: StateFigures,
  record: readonly StateFigures[],
  counting: Counting,
) => Omit<Draft, 'subject'> | undefined;

function draftsOf(state: StateFigures, record: readonly StateFigures[], counting: Counting): Draft[] {
  return RULES.flatMap((rule) => {
    const found = rule(state, record, counting);
    return found === undefined ? [] : [{ ...found, subject: state.name.replace(/\.$/, '') }];
  });
}

/** Shares that people notice. */
const NOTICED = 0.005;

const still: Rule = (state, record, counting) => {
  if (state.stateKind !== 'down') return undefined;
  const share = shareOf(state, targetsIn(state, state.down), counting);
  if (share < NOTICED) return undefined;
  const elsewhere = record.flatMap(({ targets }) => targets).filter(({ target }) => !state.down.includes(target));
  if (elsewhere.every(({ target }) => NO_ADDRESS.test(target))) {
    return {
      code: 'GEO_STILL_SENT',
      severity: 'wrong',
      rest: `no target is left when ${state.state.replace(/ down$/, ' is down')}: all clients are still sent there.`,
      advice: 'Give it a target in another region.',
    };
  }
  return {
    code: 'GEO_STILL_SENT',
    severity: 'wrong',
    rest: `when ${state.state.replace(/ down$/, ' is down')}, ${percent(share)} ${counting.of} are still sent there.`,
    advice: 'Only ifportup, ifurlup and ifurlextup look at health: let one of them choose, with the same selector.',
  };
};

const nowhere: Rule = (state) => {
  if (state.stateKind !== 'up' || !state.picksByDistance || state.targetsNowhere.length === 0) return undefined;
  return {
    code: 'GEO_TARGET_NOWHERE',
    severity: 'wrong',
    rest: `no database has a place for ${someOf(state.targetsNowhere)}; PowerDNS measures from 0°N 0°E, in the Gulf of Guinea.`,
    advice:
      'Add the targets to a database of your own (pdns-shadow geoip build), before the others in geoip-database-files.',
  };
};

const failing: Rule = (state, record, counting) => {
  const share = shareOf(state, addressless(state), counting);
  const up = record.find(({ stateKind }) => stateKind === 'up');
  const usual = up === undefined || up === state ? 0 : shareOf(up, addressless(up), counting);
  if (share - usual < NOTICED / 10) return undefined;
  const bad = state.targets.filter(({ target }) => NO_ADDRESS.test(target));
  return {
    code: 'GEO_NO_ADDRESS',
    severity: 'wrong',
    rest: `in the state "${state.state}", ${percent(share)} ${counting.of} get ${someOf(bad.map(({ target }) => target))} in place of an address.`,
    advice: 'See pdns-shadow predict NAME --explain for the reason.',
  };
};

const NO_ADDRESS = /^(SERVFAIL|CRASH|DROPPED|OPAQUE|REFUSED|NXDOMAIN|no data)$/;

function addressless({ targets }: StateFigures): Amounts[] {
  return targets.filter(({ target }) => NO_ADDRESS.test(target)).map(({ clients }) => clients);
}

const far: Rule = (state, record, counting) => {
  const { degrees, dateLine, worst } = state.far;
  const share = shareOf(state, [degrees, dateLine], counting);
  const up = record.find(({ stateKind }) => stateKind === 'up');
  const usual = up === undefined || up === state ? 0 : shareOf(up, [up.far.degrees, up.far.dateLine], counting);
  if (state !== up && share - usual < NOTICED) return undefined;
  const [example] = worst;
  if (example === undefined) return undefined;
  const acrossLine = shareOf(state, [dateLine], counting);
  const line = acrossLine === 0 ? '' : ` (${percent(acrossLine)} across the date line)`;
  const where = example.where === '' ? example.network : `${example.where} (${example.network})`;
  return {
    code: 'GEO_DEGREES',
    severity: share >= NOTICED ? 'costly' : 'note',
    rest:
      `${state === up ? '' : `when ${state.state.replace(/ down$/, ' is down')}, `}${percent(share)} ${counting.of} are sent too far since PowerDNS measures in degrees${line}; worst, ${where} goes ` +
      `${kilometres(example.km)} to ${example.sentTo}, with ${example.nearest} at ${kilometres(example.nearestKm)}.`,
    advice: 'Send these places by country or continent before the distance decides: if country({…}) then return … end.',
  };
};

const dies: Rule = (state, record, counting) => {
  if (state.stateKind !== 'down') return undefined;
  const moved = shareOf(
    state,
    state.moves.map(({ clients }) => clients),
    counting,
  );
  const up = record.find(({ stateKind }) => stateKind === 'up');
  if (moved < NOTICED || up === undefined) return undefined;
  const to = new Map<string, number>();
  for (const { to: target, clients } of state.moves)
    to.set(target, (to.get(target) ?? 0) + shareOf(state, [clients], counting));
  const parts = [...to].sort((a, b) => b[1] - a[1]);
  const shown = parts.slice(0, 3).map(([target, share]) => `${percent(share / moved)} of them to ${target}`);
  const index = MEASURES.indexOf(counting.measure);
  const [before, after] = [up.distance.medianKm[index], state.distance.medianKm[index]];
  const farther =
    before == null || after == null || after === before
      ? ''
      : ` The median way goes from ${kilometres(before)} to ${kilometres(after)}.`;
  return {
    code: 'GEO_REGION_DIES',
    severity: 'note',
    rest: `when ${state.state.replace(/ down$/, ' is down')}, ${percent(moved)} ${counting.of} move, ${parts.length === 1 ? `all to ${parts[0]?.[0]}` : shown.join(', ')}.${farther}`,
    advice: 'These targets must carry that load on top of their own.',
  };
};

const otherwise: Rule = (state, _record, counting) => {
  if (state.stateKind !== 'noGeoip' && state.stateKind !== 'noEcs') return undefined;
  const moved = shareOf(
    state,
    state.moves.map(({ clients }) => clients),
    counting,
  );
  if (moved < NOTICED) return undefined;
  const why = state.stateKind === 'noGeoip' ? 'without its GeoIP databases' : 'without ECS';
  const top = [...state.targets].sort(
    (a, b) => shareOf(state, [b.clients], counting) - shareOf(state, [a.clients], counting),
  )[0];
  const share = top === undefined ? 0 : shareOf(state, [top.clients], counting);
  return {
    code: state.stateKind === 'noGeoip' ? 'GEO_NO_GEOIP' : 'GEO_NO_ECS',
    severity: 'note',
    rest: `${why}, ${percent(moved)} ${counting.of} are sent elsewhere; ${top?.target} gets ${percent(share)}.`,
    advice:
      state.stateKind === 'noGeoip'
        ? 'PowerDNS says nothing when it loads no database: launch=geoip and geoip-database-files must both be there.'
        : 'Set edns-subnet-processing, and have proxies in front pass ECS on or speak the PROXY protocol.',
  };
};

const skewed: Rule = (state, _record, counting) => {
  if (state.stateKind !== 'up' || state.hashed.length < 2) return undefined;
  const index = MEASURES.indexOf(counting.measure);
  const total = (side: 'nominal' | 'real') => state.hashed.reduce((sum, each) => sum + (each[side][index] ?? 0), 0);
  const [nominal, real] = [total('nominal'), total('real')];
  if (nominal === 0 || real === 0) return undefined;
  const differences = state.hashed.map((each) => ({
    target: each.target,
    nominal: (each.nominal[index] ?? 0) / nominal,
    real: (each.real[index] ?? 0) / real,
  }));
  const [worst] = differences.sort((a, b) => Math.abs(b.real - b.nominal) - Math.abs(a.real - a.nominal));
  if (worst === undefined || Math.abs(worst.real - worst.nominal) < NOTICED) return undefined;
  return {
    code: 'GEO_HASH_SKEW',
    severity: Math.abs(worst.real - worst.nominal) > 0.05 ? 'costly' : 'note',
    rest: `${worst.target} has a nominal share of ${percent(worst.nominal)}, and gets ${percent(worst.real)} ${counting.of}: the hashes of these networks are not even.`,
    advice: 'Change the weights until the real shares are right: --what-if-weights shows them.',
  };
};

const reweighed: Rule = (state, record, counting) => {
  if (state.stateKind !== 'weights') return undefined;
  const up = record.find(({ stateKind }) => stateKind === 'up');
  const moved = shareOf(
    state,
    state.moves.map(({ clients }) => clients),
    counting,
  );
  const need = up === undefined ? 0 : leastMoves(up, state, counting);
  return {
    code: 'GEO_WEIGHTS',
    severity: moved > 2 * need + NOTICED ? 'costly' : 'note',
    rest: `with ${state.state}, ${percent(moved)} ${counting.of} move; as few as ${percent(need)} would do for these shares.`,
    advice:
      'Keep the sum of the weights, and change neighbours in the list: the place of a hash is its rest by the sum.',
  };
};

/** The fewest that must move for one set of shares to become another. */
function leastMoves(before: StateFigures, after: StateFigures, counting: Counting): number {
  const names = new Set([...before.targets, ...after.targets].map(({ target }) => target));
  let sum = 0;
  for (const name of names) {
    sum += Math.max(
      0,
      shareOf(after, targetsIn(after, [name]), counting) - shareOf(before, targetsIn(before, [name]), counting),
    );
  }
  return sum;
}

const RULES: readonly Rule[] = [still, nowhere, failing, far, skewed, dies, otherwise, reweighed];

function targetsIn({ targets }: StateFigures, names: readonly string[]): Amounts[] {
  return targets.filter(({ target }) => names.includes(target)).map(({ clients }) => clients);
}

export function shareOf(
  { clients }: StateFigures,
  parts: readonly Amounts[],
  { measure }: Pick<Counting, 'measure'>,
): number {
  const index = MEASURES.indexOf(measure);
  const all = clients[index] ?? 0;
  return all === 0 ? 0 : parts.reduce((sum, part) => sum + (part[index] ?? 0), 0) / all;
}

/** `12.3 %`; what is there is never shown as nothing. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return 'under 0.1 %';
  if (share < 1 && share > 0.9995) return 'over 99.9 %';
  return `${Number((share * 100).toFixed(1))} %`;
}

export function kilometres(km: number): string {
  return `${km.toLocaleString('en')} km`;
}

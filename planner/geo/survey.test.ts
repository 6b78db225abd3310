import { describe, expect, it } from 'vitest';
import { formatAddress, parsePrefix } from '../../geoip/address.ts';
import { degreesSquared, greatCircleKm } from '../../geoip/distance.ts';
import { noGeo } from '../../geoip/location.ts';
import { predict } from '../../simulator/answer/predict.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { seededUint32 } from '../../simulator/chooser.ts';
import type { Check } from '../../simulator/health/check.ts';
import { DOWN, UP } from '../../simulator/health/status.ts';
import { toNumber } from '../../simulator/rational.ts';
import { amountOf } from './amounts.ts';
import { FRA, IAD, randomAddress, randomNetworks, SUVA, SYD, smallWorld } from './fixtures/small-world.ts';

const LIST = `{'${FRA}','${IAD}','${SYD}'}`;
const RECORDS = [
  `near A ifportup(443, ${LIST}, {selector='pickclosest'})`,
  `hash A pickwhashed({ {60,'${FRA}'}, {30,'${IAD}'}, {10,'${SYD}'} })`,
  `rule A ;if continent('EU') then return ifportup(443, {'${FRA}','${IAD}'}, {selector='hashed'}) else return ifportup(443, ${LIST}, {selector='pickclosest'}) end`,
  `mask A ;if netmask({'64.0.0.0/4', '2000::/5'}) then return '${SYD}' else return ifportup(443, ${LIST}) end`,
  `ext A ifurlextup({{['${FRA}']='http://monitor.test/fra', ['${IAD}']='http://monitor.test/iad', ['${SYD}']='http://monitor.test/syd'}})`,
];

const ADDRESSES = 20_000;

describe('figures of 20,000 random addresses', () => {
  const dice = seededUint32(7);
  const traffic = Array.from({ length: ADDRESSES }, (_, i) => ({
    address: randomAddress(i % 2 === 0 ? 4 : 6, dice),
    weight: 1 + (dice() % 9),
  }));
  // Half of IPv4 and a quarter of IPv6 lie in no network.
  const world = smallWorld({
    networks: [...randomNetworks(3, 400), ...everywhere()],
    records: RECORDS,
    traffic,
    options: { whatIfWeights: [{ owner: 'hash.example.org.', weights: [50, 40, 10] }] },
  });

  const cases = ['near', 'hash', 'rule', 'mask'].flatMap((name) => [
    [name, 'all up'] as const,
    [name, `${FRA} down`] as const,
  ]);
  it.each([...cases, ['near', 'GeoIP missing'] as const, ['ext', `${FRA} down`] as const])(
    '%s, %s: agree with asking for each of them',
    (name, state) => {
      const expected = bruteForce(name, state);
      const found = world.figures(name, state);
      expect(amountOf(found.clients, 'traffic')).toBe(expected.held);
      const shares = new Map(found.targets.map(({ target, clients }) => [target, amountOf(clients, 'traffic')]));
      expect([...shares.keys()].sort()).toEqual([...expected.shares.keys()].sort());
      for (const [target, sum] of expected.shares) expect(shares.get(target), target).toBeCloseTo(sum, 6);
      const index = 4;
      expect(found.distance.medianKm[index]).toBe(expected.quantile(0.5));
      expect(found.distance.p95Km[index]).toBe(expected.quantile(0.95));
      expect(found.distance.bestMedianKm[index]).toBe(expected.bestQuantile(0.5));
      const moved = found.moves.reduce((sum, { clients }) => sum + amountOf(clients, 'traffic'), 0);
      expect(moved).toBeCloseTo(expected.moved, 6);
      if (name === 'near' && state === 'all up') {
        const far = amountOf(found.far.degrees, 'traffic') + amountOf(found.far.dateLine, 'traffic');
        expect(far).toBeCloseTo(expected.far, 6);
        expect(far).toBeGreaterThan(0);
      }
    },
    120_000,
  );

  function bruteForce(name: string, state: string) {
    const { model, geo, databases } = world;
    const down = state.endsWith(' down') ? state.slice(0, -5) : '';
    const server: ServerModel = state === 'GeoIP missing' ? { ...model, geo: noGeo } : model;
    const statusOf = (_check: Check, speaksFor: string) => (speaksFor === down ? DOWN : UP);
    const up = [FRA, IAD, SYD].filter((target) => target !== down);
    const placeOf = (target: string) =>
      geo.location(parsePrefix(`${target}/32`)?.address ?? { family: 4, bytes: new Uint8Array(4) });
    const shares = new Map<string, number>();
    const ways: [number, number][] = [];
    const best: [number, number][] = [];
    let [held, moved, far] = [0, 0, 0];
    for (const { address, weight } of traffic) {
      if (!databases.some((database) => database.recordPointer(address) >= 0)) continue;
      held += weight;
      const question = { name: `${name}.example.org.`, type: 'A', client: address, ednsSize: 1232 };
      const after = sharesBy(predict(question, server, statusOf));
      const before = sharesBy(predict(question, model, () => UP));
      const at = geo.location(address);
      const nearest = Math.min(...up.map((target) => greatCircleKm(at, placeOf(target))));
      for (const [target, share] of after) {
        shares.set(target, (shares.get(target) ?? 0) + weight * share);
        moved += weight * Math.max(0, share - (before.get(target) ?? 0));
        const km = greatCircleKm(at, placeOf(target));
        ways.push([Math.round(km), weight * share]);
        best.push([Math.round(Math.min(km, nearest)), weight * share]);
        const isNearInDegrees = up.every(
          (each) => degreesSquared(at, placeOf(target)) <= degreesSquared(at, placeOf(each)),
        );
        if (km - nearest >= 1 && isNearInDegrees) far += weight * share;
      }
    }
    const quantileOf = (list: [number, number][]) => (share: number) => quantile(list, share);
    return { held, shares, moved, far, quantile: quantileOf(ways), bestQuantile: quantileOf(best) };
  }
});

function sharesBy({ outcomes }: ReturnType<typeof predict>): Map<string, number> {
  return new Map(outcomes.map(({ outcome, probability }) => [outcome.answers[0]?.rdata ?? '', toNumber(probability)]));
}

function quantile(list: readonly [number, number][], share: number): number {
  const sorted = list.toSorted((a, b) => a[0] - b[0]);
  const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
  let sum = 0;
  for (const [km, weight] of sorted) {
    sum += weight;
    if (sum >= total * share * (1 - 1e-12)) return km;
  }
  return Number.NaN;
}

function everywhere() {
  return Array.from({ length: 64 }, (_, i) => ({
    network: `${i * 2}.0.0.0/7`,
    continent: 'AS',
    country: 'JP',
    lat: 35,
    lon: i * 5 - 160,
  }));
}

describe('who moves', () => {
  const networks = [
    { network: '20.0.0.0/8', continent: 'EU', lat: 48, lon: 2 },
    { network: '30.0.0.0/8', continent: 'NA', lat: 40, lon: -80 },
    { network: '40.0.0.0/9', continent: 'OC', lat: -18, lon: -179 },
  ];
  const world = smallWorld({
    networks,
    records: [
      `up A ifportup(443, {'${FRA}','${IAD}'}, {selector='pickclosest'})`,
      `plain A pickclosest({'${FRA}','${IAD}'})`,
      `line A pickclosest({'${SUVA}','${IAD}'})`,
      `hash A pickwhashed({ {60,'${FRA}'}, {40,'${IAD}'} })`,
    ],
    options: { whatIfWeights: [{ owner: 'hash.example.org.', weights: [40, 60] }] },
  });
  const ipv4 = ({ clients }: { clients: readonly number[] }) => clients[1] ?? 0;

  it('when a region dies, its clients go to the next', () => {
    const { moves } = world.figures('up', `${FRA} down`);
    expect(moves.map(({ from, to }) => `${from} ${to}`)).toEqual([`${FRA} ${IAD}`]);
    expect(ipv4(moves[0] ?? { clients: [] })).toBe(2 ** 24 + 1);
  });

  it('nobody moves where nothing looks at health', () => {
    expect(world.figures('plain', `${FRA} down`).moves).toEqual([]);
  });

  it('without GeoIP the closest is anybody: half of all clients move', () => {
    const { moves, clients } = world.figures('up', 'GeoIP missing');
    expect(moves.reduce((sum, move) => sum + ipv4(move), 0)).toBe((clients[1] ?? 0) / 2);
  });

  it('without ECS all are answered as their resolver', () => {
    const { targets } = world.figures('up', 'ECS off');
    expect(targets.map(({ target }) => target)).toEqual([FRA]);
  });

  it('across the date line clients are sent around the earth', () => {
    const { far } = world.figures('line', 'all up');
    expect(far.dateLine[1]).toBe(2 ** 23);
    expect(far.worst[0]).toMatchObject({ network: '40.0.0.0/9', cause: 'dateLine', sentTo: IAD, nearest: SUVA });
    expect(far.worst[0]?.nearestKm).toBeLessThan(300);
  });

  it('the hashes of three networks are not spread as the weights say', () => {
    const { hashed, targets } = world.figures('hash', 'all up');
    const nominal = hashed.map((each) => Math.round(((each.nominal[0] ?? 0) / 7) * 100));
    expect(nominal).toEqual([60, 40]);
    expect(hashed.map(({ real }) => real[0])).toEqual(
      targets.toSorted((a, b) => (a.target < b.target ? -1 : 1)).map(({ clients }) => clients[0]),
    );
  });

  it('counts networks, addresses and sites apart', () => {
    const { clients } = world.figures('plain', 'all up');
    expect(clients).toEqual([7, 2 ** 24 * 2 + 2 ** 23 + 4, 0, 0, 0]);
    expect(formatAddress({ family: 4, bytes: Uint8Array.of(192, 0, 2, 1) })).toBe(FRA);
  });
});

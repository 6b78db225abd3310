/** Two builds of GeoIP databases: which clients are elsewhere in the new one, and which are sent elsewhere. */
import { formatPrefix, type IpAddress } from '../../geoip/address.ts';
import type { GeoDatabase } from '../../geoip/database.ts';
import { greatCircleKm } from '../../geoip/distance.ts';
import { type GeoAttribute, type GeoView, geoView } from '../../geoip/location.ts';
import { networkMap } from '../../geoip/network-map.ts';
import { ClientAnswers } from '../../simulator/answer/client-answers.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { UP } from '../../simulator/health/status.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import { inWrittenOrder, watchedNames } from '../../simulator/zone/watched-name.ts';
import { type Amounts, addAmounts, MEASURE_COUNT, noAmounts } from './amounts.ts';
import { askClientsOf } from './asked.ts';
import { atlasOf, sampleOf, sampleText } from './atlas.ts';
import type { Move } from './figures.ts';
import { MoveSums } from './moves.ts';
import { forEachPair } from './pairs.ts';
import { placeName } from './place-name.ts';
import { needsOf } from './sweep.ts';
import { sharesOf } from './target.ts';

export interface GeoDiffInput {
  readonly before: readonly GeoDatabase[];
  readonly after: readonly GeoDatabase[];
  /** Whose records are looked at; none: only places are compared. */
  readonly zones: readonly Zone[];
  /** The server of these zones with a view of databases. */
  readonly modelWith: (geo: GeoView) => ServerModel;
}

export interface GeoDiff {
  /** Clients that either build holds. */
  readonly clients: Amounts;
  /** Only in the new build; only in the old one. */
  readonly appeared: Amounts;
  readonly gone: Amounts;
  /** In both, at other coordinates; and those of them in another country. */
  readonly relocated: Amounts;
  readonly otherCountry: Amounts;
  /** The largest relocations, by addresses. */
  readonly relocations: readonly Relocation[];
  readonly records: readonly RecordDiff[];
}

export interface Relocation {
  readonly from: string;
  readonly to: string;
  readonly km: number;
  /** One of the networks. */
  readonly network: string;
  readonly clients: Amounts;
}

export interface RecordDiff {
  readonly name: string;
  readonly type: string;
  readonly moves: readonly Move[];
}

/** What PowerDNS sees of a client's place. */
const PLACE: readonly GeoAttribute[] = ['location', 'country', 'city'];
const MOST_RELOCATIONS = 50;

/** While every target is up. Throws as `networkMap`. */
export function geoDiff({ before, after, zones, modelWith }: GeoDiffInput): GeoDiff {
  const views = [geoView(before), geoView(after)] as const;
  const models = [modelWith(views[0]), modelWith(views[1])] as const;
  const needs = [needsOf(zones, models[0]), needsOf(zones, models[1])] as const;
  const masks = new Map([...needs[0].masks, ...needs[1].masks]);
  const atlas = atlasOf({
    databases: [...before, ...after],
    views,
    masks: [...masks.values()],
    traffic: [],
    needsHashes: needs[0].needsHashes,
    attributes: [...new Set([...PLACE, ...needs[0].attributes])],
  });
  const sums = new PlaceSums(before, after, views);
  for (let kind = 0; kind < atlas.kinds; kind++) {
    if (atlas.held[kind] === 0) continue;
    const amounts = Array.from(atlas.amounts.subarray(kind * MEASURE_COUNT, (kind + 1) * MEASURE_COUNT));
    sums.add(sampleOf(atlas, kind), sampleText(atlas, kind), amounts);
  }
  const records = inWrittenOrder(watchedNames(zones)).map(({ owner, questionName, type }) => {
    const [first, second] = models.map((model) =>
      askClientsOf(atlas, { name: questionName, type, model, statusOf: () => UP, knownMasks: new Set(masks.keys()) }),
    );
    const moves = new MoveSums();
    if (first === undefined || second === undefined) return { name: owner, type, moves: [] };
    forEachPair(atlas, first, second, (kind, old, recent, amounts) => {
      if (atlas.held[kind] === 1) moves.add(old, recent, amounts);
    });
    return { name: owner, type, moves: moves.figures(first, second) };
  });
  return { ...sums.figures(), records };
}

class PlaceSums {
  readonly #sums = {
    clients: noAmounts(),
    appeared: noAmounts(),
    gone: noAmounts(),
    relocated: noAmounts(),
    otherCountry: noAmounts(),
  };
  readonly #relocations = new Map<
    string,
    { from: string; to: string; km: number; network: string; clients: number[] }
  >();
  readonly #before: readonly GeoDatabase[];
  readonly #after: readonly GeoDatabase[];
  readonly #views: readonly [GeoView, GeoView];

  constructor(before: readonly GeoDatabase[], after: readonly GeoDatabase[], views: readonly [GeoView, GeoView]) {
    this.#before = before;
    this.#after = after;
    this.#views = views;
  }

  add(address: IpAddress, network: string, amounts: Amounts): void {
    addAmounts(this.#sums.clients, amounts);
    const [wasHeld, isHeld] = [isIn(this.#before, address), isIn(this.#after, address)];
    if (!wasHeld) addAmounts(this.#sums.appeared, amounts);
    else if (!isHeld) addAmounts(this.#sums.gone, amounts);
    if (!wasHeld || !isHeld) return;
    const [old, recent] = this.#views.map((view) => view.attribute(address, 'location'));
    const [oldCountry, country] = this.#views.map((view) => view.attribute(address, 'country'));
    if (oldCountry !== country) addAmounts(this.#sums.otherCountry, amounts);
    if (old === recent) return;
    addAmounts(this.#sums.relocated, amounts);
    const from = placeName(this.#before, address) || `${old}`;
    const to = placeName(this.#after, address) || `${recent}`;
    const key = `${from} ${old}\n${to} ${recent}`;
    let relocation = this.#relocations.get(key);
    if (relocation === undefined) {
      const [was, is] = [this.#views[0].location(address), this.#views[1].location(address)];
      const km = was.known && is.known ? Math.round(greatCircleKm(was, is)) : 0;
      relocation = { from, to, km, network, clients: noAmounts() };
      this.#relocations.set(key, relocation);
    }
    addAmounts(relocation.clients, amounts);
  }

  figures(): Omit<GeoDiff, 'records'> {
    const size = ({ clients }: Relocation) => (clients[1] ?? 0) + (clients[3] ?? 0);
    const sorted = [...this.#relocations.values()].sort(
      (a, b) => size(b) - size(a) || (a.network < b.network ? -1 : 1),
    );
    return { ...this.#sums, relocations: sorted.slice(0, MOST_RELOCATIONS) };
  }
}

function isIn(databases: readonly GeoDatabase[], address: IpAddress): boolean {
  return databases.some((database) => database.recordPointer(address) >= 0);
}

/** A heading, then `record,type,prefix,before,after` of what changes; places have no record. Copies of IPv4 are left out. */
export function* diffLines({ before, after, zones, modelWith }: GeoDiffInput): Generator<string> {
  yield 'record,type,prefix,before,after\n';
  const views = [geoView(before), geoView(after)] as const;
  const databases = [...before, ...after];
  yield* changesOf(databases, [], '', '', (address) =>
    views.map((view) => `${view.attribute(address, 'location')} ${view.attribute(address, 'country')}`),
  );
  const models = views.map(modelWith);
  for (const { owner, questionName, type } of watchedNames(zones)) {
    const both = models.map(
      (model) => new ClientAnswers({ name: questionName, type, ednsSize: 1232 }, model, () => UP),
    );
    const masks = models.flatMap((model) => [...needsOf(zones, model).masks.values()]);
    yield* changesOf(databases, masks, owner, type, (address) =>
      both.map((clients) => {
        const answer = clients.answers[clients.numberFor({ family: address.family, bytes: address.bytes.slice() })];
        const shares = answer === undefined ? [] : [...sharesOf(answer, type)].sort();
        return shares
          .map(([target, share]) => (share === 1 ? target : `${target} ${Number(share.toFixed(4))}`))
          .join('; ');
      }),
    );
  }
}

function* changesOf(
  databases: readonly GeoDatabase[],
  masks: Parameters<typeof networkMap>[0]['masks'],
  owner: string,
  type: string,
  textsOf: (address: IpAddress) => readonly string[],
): Generator<string> {
  const numbers = new Map<string, number>([['', 0]]);
  const numberFor = (address: IpAddress) => {
    const [old, recent] = textsOf(address);
    const key = old === recent ? '' : `"${old}","${recent}"`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  };
  const map = networkMap({ databases, masks, numberFor });
  const texts = [...numbers.keys()];
  for (const table of [map.ipv4, map.ipv6]) {
    for (let i = 0; i < table.size; i++) {
      const value = table.valueAt(i);
      if (value > 0) yield `${owner},${type},${formatPrefix(table.prefixAt(i))},${texts[value]}\n`;
    }
  }
}

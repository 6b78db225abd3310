/** What all clients are answered in one state: by kind, and by hash where a record looks at hashes. */
import type { IpAddress } from '../../geoip/address.ts';
import { greatCircleKm } from '../../geoip/distance.ts';
import type { GeoAttribute, GeoView } from '../../geoip/location.ts';
import { type ClientAnswer, ClientAnswers, type NumberOfHash } from '../../simulator/answer/client-answers.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { burtle } from '../../simulator/hash.ts';
import type { Check } from '../../simulator/health/check.ts';
import type { CheckStatus } from '../../simulator/health/status.ts';
import { type Atlas, sampleOf } from './atlas.ts';
import { type Shares, sharesOf } from './target.ts';

export interface Asked {
  /** By kind: the number of its answer; below 0: `byHash[-1 - number]` says. */
  readonly numbers: Int32Array;
  readonly byHash: readonly NumberOfHash[];
  /** By kind with hashes: its answer in groups, by weight. */
  readonly nominal: ReadonlyMap<number, ClientAnswer>;
  /** By number: where the answer sends clients. */
  sharesOf(number: number): Shares;
  nominalSharesOf(answer: ClientAnswer): Shares;
  readonly warnings: readonly string[];
  /** Masks that the atlas was not cut by; its kinds may hold clients that are answered differently. */
  readonly unknownMasks: readonly string[];
}

export interface Asking {
  readonly name: string;
  readonly type: string;
  readonly model: ServerModel;
  readonly statusOf: (check: Check, speaksFor: string) => CheckStatus;
  /** As the keys of `ClientAnswers.masks`. */
  readonly knownMasks: ReadonlySet<string>;
}

/** Every client for itself. */
export function askClients(atlas: Atlas, asking: Asking): Asked {
  const current = new CurrentClient(asking.model.geo);
  const { clients, result } = begin(atlas, { ...asking, model: { ...asking.model, geo: current } });
  for (let kind = 0; kind < atlas.kinds; kind++) {
    const sample = sampleOf(atlas, kind);
    const place = atlas.places[kind] ?? 0;
    current.is(sample, atlas.latitudes[place] ?? 0, atlas.longitudes[place] ?? 0, atlas.located[place] === 1);
    settle(kind, sample, clients, result);
  }
  const asked = result();
  const isUndivided = [...current.attributesRead].some((each) => !atlas.attributes.includes(each));
  return isUndivided ? { ...asked, warnings: [...asked.warnings, UNDIVIDED] } : asked;
}

const UNDIVIDED =
  'the code looks at countries or the like in a way that its text does not show: clients at one place are counted alike';

/** As `askClients`, where the server has no databases or other ones than the atlas was made of. */
export function askClientsOf(atlas: Atlas, asking: Asking): Asked {
  const { clients, result } = begin(atlas, asking);
  for (let kind = 0; kind < atlas.kinds; kind++) settle(kind, sampleOf(atlas, kind), clients, result);
  return result();
}

/** Every client through the nearest of `resolvers`, which the server takes for the client. */
export function askThrough(atlas: Atlas, asking: Asking, resolvers: readonly IpAddress[]): Asked {
  const { clients, result } = begin(atlas, asking);
  const numbers = resolvers.map((resolver) => {
    const number = clients.numbersByHash(resolver);
    return typeof number === 'number' ? number : number(burtle(resolver.bytes));
  });
  const nearest = nearestResolvers(atlas, resolvers, asking.model.geo);
  for (let kind = 0; kind < atlas.kinds; kind++)
    result.numbers[kind] = numbers[nearest[atlas.places[kind] ?? 0] ?? 0] ?? 0;
  return result();
}

interface Result {
  (): Asked;
  readonly numbers: Int32Array;
  readonly byHash: NumberOfHash[];
  readonly nominal: Map<number, ClientAnswer>;
}

function begin(atlas: Atlas, { name, type, model, statusOf, knownMasks }: Asking) {
  const clients = new ClientAnswers({ name, type, ednsSize: 1232 }, model, statusOf);
  const numbers = new Int32Array(atlas.kinds);
  const byHash: NumberOfHash[] = [];
  const nominal = new Map<number, ClientAnswer>();
  const shares: Shares[] = [];
  const inGroups = new Map<ClientAnswer, Shares>();
  const finish = (): Asked => ({
    numbers,
    byHash,
    nominal,
    sharesOf(number) {
      const known = shares[number];
      if (known !== undefined) return known;
      const answer = clients.answers[number];
      const made: Shares = answer === undefined ? new Map() : sharesOf(answer, type);
      shares[number] = made;
      return made;
    },
    nominalSharesOf(answer) {
      const made = inGroups.get(answer) ?? sharesOf(answer, type);
      inGroups.set(answer, made);
      return made;
    },
    warnings: [...clients.warnings.values()].map(({ message }) => message),
    unknownMasks: [...clients.masks.keys()].filter((mask) => !knownMasks.has(mask)),
  });
  return { clients, result: Object.assign(finish, { numbers, byHash, nominal }) };
}

function settle(kind: number, sample: IpAddress, clients: ClientAnswers, { numbers, byHash, nominal }: Result): void {
  const number = clients.numbersByHash(sample);
  if (typeof number === 'number') {
    numbers[kind] = number;
    return;
  }
  numbers[kind] = -byHash.push(number);
  const answer = clients.answers[clients.numberFor(sample)];
  if (answer !== undefined) nominal.set(kind, answer);
}

function nearestResolvers(atlas: Atlas, resolvers: readonly IpAddress[], geo: GeoView): Uint16Array {
  const places = resolvers.map((resolver) => geo.location(resolver));
  return new Uint16Array(atlas.latitudes.length).map((_, place) => {
    if (atlas.located[place] === 0) return 0;
    const client = { latitude: atlas.latitudes[place] ?? 0, longitude: atlas.longitudes[place] ?? 0 };
    let nearest = 0;
    let smallest = Number.POSITIVE_INFINITY;
    for (const [i, at] of places.entries()) {
      const km = at.known ? greatCircleKm(client, at) : Number.MAX_VALUE;
      if (km < smallest) {
        smallest = km;
        nearest = i;
      }
    }
    return nearest;
  });
}

/** Knows where the client at hand is without looking: the atlas has decoded it once for all records and states. */
class CurrentClient implements GeoView {
  readonly #view: GeoView;
  readonly attributesRead = new Set<GeoAttribute>();
  #client: IpAddress | undefined;
  #location = { latitude: 0, longitude: 0, known: false };

  constructor(view: GeoView) {
    this.#view = view;
  }

  is(client: IpAddress, latitude: number, longitude: number, known: boolean): void {
    this.#client = client;
    this.#location = { latitude, longitude, known };
  }

  attribute(address: IpAddress, attribute: GeoAttribute) {
    if (address === this.#client) this.attributesRead.add(attribute);
    return this.#view.attribute(address, attribute);
  }

  location(address: IpAddress) {
    return address === this.#client ? this.#location : this.#view.location(address);
  }
}

/** What is to be worked out, cut into jobs that do not know of each other: each record in each of its states. */
import {
  formatAddress,
  formatPrefix,
  type IpAddress,
  type Prefix,
  parseAddress,
  parseNetmask,
} from '../../geoip/address.ts';
import type { Coordinates } from '../../geoip/distance.ts';
import { GEO_ATTRIBUTES, type GeoAttribute } from '../../geoip/location.ts';
import type { Shard } from '../../input/shard.ts';
import { ClientAnswers } from '../../simulator/answer/client-answers.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { DOWN, UP } from '../../simulator/health/status.ts';
import { luaCode } from '../../simulator/zone/lua-code.ts';
import type { Zone } from '../../simulator/zone/record.ts';
import { inWrittenOrder, type WatchedName, watchedNames } from '../../simulator/zone/watched-name.ts';
import type { Atlas } from './atlas.ts';
import { sampleOf } from './atlas.ts';
import { type Region, regionsOf, type State } from './state.ts';
import { sharesOf } from './target.ts';
import type { WeightsOf } from './weights.ts';

/** Plain data, the same for every thread and shard. */
export interface Sweep {
  readonly records: readonly SweptRecord[];
  readonly jobs: readonly Job[];
  /** Where people say that targets are. */
  readonly places: ReadonlyMap<string, Coordinates>;
  /** Whom the server sees where it does not see clients: each client asks through the nearest. */
  readonly resolvers: readonly IpAddress[];
}

export interface SweptRecord extends WatchedName {
  /** Every address that it may answer with. */
  readonly targets: readonly string[];
}

export interface Job {
  /** Its place among all jobs. */
  readonly number: number;
  /** Its place in `records`. */
  readonly record: number;
  readonly state: State;
}

export interface SweepOptions {
  readonly regions: readonly Region[];
  readonly whatIfWeights: readonly WeightsOf[];
  readonly places: ReadonlyMap<string, Coordinates>;
  readonly resolvers: readonly IpAddress[];
}

/** The networks that records compare clients with, and whether any of them looks at hashes. */
export interface Needs {
  readonly masks: ReadonlyMap<string, Prefix>;
  readonly needsHashes: boolean;
  /** What code looks at beside the place of a client. */
  readonly attributes: readonly GeoAttribute[];
}

/** Words of code by what they look at. */
const ATTRIBUTE_WORDS: readonly (readonly [RegExp, readonly GeoAttribute[]])[] = [
  [/geoiplookup|_G|loadstring|getfenv/, GEO_ATTRIBUTES],
  [/country/, ['country']],
  [/continent/, ['continent']],
  [/region/, ['region']],
  [/asnum/, ['asn']],
];

const ANYBODY = ['192.0.2.1', '2001:db8::1'];

/** From the code of records, and from what it reads when a few clients are asked for. */
export function needsOf(zones: readonly Zone[], model: ServerModel): Needs {
  const masks = new Map<string, Prefix>();
  let needsHashes = false;
  const attributes = new Set<GeoAttribute>();
  for (const record of zones.flatMap(({ records }) => records)) {
    if (record.kind !== 'lua') continue;
    const code = luaCode(record.text, false);
    if (/hash/i.test(code)) needsHashes = true;
    for (const [words, seen] of ATTRIBUTE_WORDS) if (words.test(code)) for (const each of seen) attributes.add(each);
    for (const [, text = ''] of code.matchAll(/['"]([0-9A-Fa-f.:]+\/\d{1,3})['"]/g)) {
      const prefix = parseNetmask(text);
      if (prefix !== undefined) masks.set(formatPrefix(prefix), prefix);
    }
  }
  for (const { questionName, type } of watchedNames(zones)) {
    for (const status of [UP, DOWN]) {
      const clients = new ClientAnswers({ name: questionName, type, ednsSize: 1232 }, model, () => status);
      for (const address of ANYBODY.map(parseAddress)) if (address !== undefined) clients.numberFor(address);
      // More are added while this goes on.
      for (const { address } of clients.masks.values()) clients.numberFor(address);
      for (const [text, mask] of clients.masks) masks.set(text, mask);
    }
  }
  return { masks, needsHashes, attributes: [...attributes] };
}

export function sweepOf(zones: readonly Zone[], model: ServerModel, atlas: Atlas, options: SweepOptions): Sweep {
  const records = inWrittenOrder(watchedNames(zones)).map((watched) => ({
    ...watched,
    targets: targetsOf(watched, model, atlas),
  }));
  const jobs: Omit<Job, 'number'>[] = records.flatMap((swept, record) => {
    const states: State[] = [
      { kind: 'up' },
      ...regionsOf(swept.targets, options.regions).map((region): State => ({ kind: 'down', region })),
      { kind: 'noGeoip' },
      { kind: 'noEcs' },
      ...options.whatIfWeights
        .filter(({ owner }) => owner === swept.owner.toLowerCase())
        .map(({ weights }): State => ({ kind: 'weights', weights })),
    ];
    return states.map((state) => ({ record, state }));
  });
  const { places, resolvers } = options;
  return { records, jobs: jobs.map((job, number) => ({ number, ...job })), places, resolvers };
}

/** Jobs that follow each other, so that the states of a record stay together: they share what is asked while all is up. */
export function shardOf<T>(jobs: readonly T[], { index, count }: Shard): readonly T[] {
  return jobs.slice(Math.floor(((index - 1) * jobs.length) / count), Math.floor((index * jobs.length) / count));
}

/** So many kinds of clients are asked for, to see what a record answers with. */
const TRIED_KINDS = 128;

/** Addresses that are answered to some clients while all is up or all is down, and those that its code writes. */
function targetsOf({ questionName, type, records }: WatchedName, model: ServerModel, atlas: Atlas): string[] {
  const found = new Set<string>();
  for (const { text } of records) {
    for (const [, literal = ''] of luaCode(text, false).matchAll(/['"]([0-9A-Fa-f.:]{2,45})['"]/g))
      add(found, literal, type);
  }
  const question = { name: questionName, type, ednsSize: 1232 };
  for (const status of [UP, DOWN]) {
    const clients = new ClientAnswers(question, model, () => status);
    const step = Math.max(1, Math.floor(atlas.kinds / TRIED_KINDS));
    for (let kind = 0; kind < atlas.kinds; kind += step) clients.numberFor(sampleOf(atlas, kind));
    for (const answer of clients.answers) for (const target of sharesOf(answer, type).keys()) add(found, target, type);
  }
  return [...found];
}

function add(found: Set<string>, text: string, type: string): void {
  const address = parseAddress(text);
  if (address === undefined || (type === 'A' && address.family === 6) || (type === 'AAAA' && address.family === 4))
    return;
  found.add(formatAddress(address));
}

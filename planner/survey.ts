/**
 * Which checks each name can ask for, and which of them it asks for while all is well. Found by running the records' code
 * with statuses, draws and facts of clients that are chosen, so that any code is understood that can be predicted at all.
 */
import type { IpAddress, Prefix } from '../geoip/address.ts';
import type { GeoView } from '../geoip/location.ts';
import { evaluate } from '../simulator/answer/evaluate.ts';
import type { Rcode } from '../simulator/answer/outcome.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { type Chooser, chooseUniformly, enumerate } from '../simulator/chooser.ts';
import type { Check } from '../simulator/health/check.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import type { RecordQuery, Warning } from '../simulator/lua/context.ts';
import type { Fact } from '../simulator/lua/fact.ts';
import type { LuaRecord, Zone } from '../simulator/zone/record.ts';
import { inWrittenOrder, type WatchedName, watchedNames } from '../simulator/zone/watched-name.ts';

/** One name and type that LUA records answer, and what it makes a server probe. */
export interface SurveyedName {
  readonly zone: string;
  readonly owner: string;
  readonly type: string;
  readonly ttlSeconds: number;
  /** What is asked: the owner, or a name below a wildcard. */
  readonly questionName: string;
  readonly records: readonly LuaRecord[];
  /** Asked for at every question while every target is up. */
  readonly warm: readonly Check[];
  /** Asked for only when something is down: standby sets. Nobody keeps them alive meanwhile. */
  readonly standby: readonly Check[];
  /** False where the code has more ways than were tried: it may ask for further checks. */
  readonly complete: boolean;
  /** Why nothing can be said of what this code does. */
  readonly opaque: Warning | undefined;
}

export interface SurveyOptions {
  /** Who asks. */
  readonly client: IpAddress;
  readonly subnets: readonly (Prefix | undefined)[];
}

/** Code that is one call asks for the same checks whoever asks; other code is walked in so many ways at most. */
const MOST_WAYS = 300;
const BRANCHES = /\b(?:if|and|or|not|for|while|netmask|country|continent|region|asnum|view|\w+Code|pick\w+)\b|^\s*;/;

export function surveyOf(zones: readonly Zone[], model: ServerModel, options: SurveyOptions): SurveyedName[] {
  return inWrittenOrder(watchedNames(zones)).map((watched) => surveyName(watched, model, options));
}

function surveyName(watched: WatchedName, model: ServerModel, options: SurveyOptions): SurveyedName {
  const { zone, owner, type, questionName, records } = watched;
  const found: Found = { warm: new Map(), all: new Map(), complete: true, opaque: undefined };
  const isPlain = records.every(({ text }) => !BRANCHES.test(text.replaceAll('"', '')));
  for (const subnet of isPlain ? options.subnets.slice(0, 1) : options.subnets) {
    const base = { name: questionName, type, client: options.client, ednsSize: 1232 };
    const question = subnet === undefined ? base : { ...base, ecs: subnet };
    if (isPlain) lookTwice(question, model, found);
    else lookEverywhere(question, model, placesIn(records), found);
  }
  return Object.freeze({
    zone,
    owner,
    type,
    ttlSeconds: Math.max(...records.map(({ ttlSeconds }) => ttlSeconds)),
    questionName,
    records,
    warm: [...found.warm.values()],
    standby: [...found.all.values()].filter(({ id }) => !found.warm.has(id)),
    complete: found.complete,
    opaque: found.opaque,
  });
}

interface Found {
  readonly warm: Map<string, Check>;
  readonly all: Map<string, Check>;
  complete: boolean;
  opaque: Warning | undefined;
}

/** Code without branches of its own: everything up, then nothing. */
function lookTwice(question: Question, model: ServerModel, found: Found): void {
  run(question, model, FIRST, () => UP, found.warm, found);
  for (const [id, check] of found.warm) found.all.set(id, check);
  run(question, model, FIRST, () => DOWN, found.all, found);
}

/** Every way through the code: all that is up asks for what is warm, any mix of statuses for the rest. */
function lookEverywhere(question: Question, model: ServerModel, places: readonly string[], found: Found): void {
  const walk = (statuses: readonly CheckStatus[], checks: Map<string, Check>) => {
    const { complete } = enumerate((chooser) => {
      const assumed = new Map<string, CheckStatus>();
      const statusOf = (check: Check): CheckStatus => {
        const known = assumed.get(check.id);
        if (known !== undefined) return known;
        const status = statuses[chooseUniformly(chooser, statuses.length)] ?? DOWN;
        assumed.set(check.id, status);
        return status;
      };
      run(question, model, chooser, statusOf, checks, found, places);
    }, MOST_WAYS);
    return complete;
  };
  const warmComplete = walk([UP], found.warm);
  for (const [id, check] of found.warm) found.all.set(id, check);
  // The last of many sets is asked on no path among the first, but it is when all is down.
  walk([DOWN], found.all);
  found.complete = walk([UP, DOWN, ABSENT], found.all) && warmComplete && found.complete;
}

const FIRST: Chooser = {
  choose: (weights) =>
    Math.max(
      0,
      weights.findIndex((weight) => weight > 0),
    ),
};

function run(
  question: Question,
  model: ServerModel,
  chooser: Chooser,
  statusOf: (check: Check) => CheckStatus,
  checks: Map<string, Check>,
  found: Found,
  places?: readonly string[],
): void {
  const noted = (check: Check): CheckStatus => {
    checks.set(check.id, check);
    return statusOf(check);
  };
  const beliefs =
    places === undefined
      ? { chooser, statusOf: noted }
      : { chooser, statusOf: noted, factOf: factsOfAnyClient(chooser, model, places) };
  let last: Warning | undefined;
  const warn = (warning: Warning) => {
    last = warning;
  };
  const { rcode } = evaluate(question, model, beliefs, { because: () => {}, warn });
  if (UNFORESEEABLE.has(rcode))
    found.opaque ??= last ?? { code: 'E_LUA_OPAQUE', message: 'the code cannot be predicted' };
}

const UNFORESEEABLE: ReadonlySet<Rcode> = new Set(['OPAQUE', 'CRASH', 'DROPPED']);

/** A client is anywhere that the code speaks of: in each network that it asks about, in each place that it names. */
function factsOfAnyClient(chooser: Chooser, { geo }: ServerModel, places: readonly string[]) {
  const views = [
    geo,
    ...places.map((place): GeoView => ({ ...geo, location: geo.location.bind(geo), attribute: () => place })),
  ];
  return <T>(fact: Fact<T>, query: RecordQuery): T => {
    const { grain } = fact;
    if (grain.kind === 'geo') return fact.of(query, views[chooseUniformly(chooser, views.length)] ?? geo);
    if (grain.kind !== 'network') return fact.of(query, geo);
    const inside = { ...query, bestwho: grain.prefix.address };
    return fact.of(chooseUniformly(chooser, 2) === 0 ? query : inside, geo);
  };
}

const GEO_CALLS = /\b(?:country|continent|region|asnum|geoiplookup)/;

/** What can be the name of a place or the number of a network in the code, in lower case as PowerDNS has them. */
function placesIn(records: readonly LuaRecord[]): readonly string[] {
  const code = records.map(({ text }) => text).join(' ');
  if (!GEO_CALLS.test(code)) return [];
  return [...new Set([...code.matchAll(/'([A-Za-z]{2,3}|\d{1,10})'/g)].map((match) => (match[1] ?? '').toLowerCase()))];
}

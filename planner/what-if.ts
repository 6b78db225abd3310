/** The same plan with one thing changed: another interval, more servers, other options in all records. */
import { UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';
import { type Check, type CheckOptions, externalCheck, httpCheck, tcpCheck } from '../simulator/health/check.ts';
import { type FleetServer, vantagesOf } from './fleet.ts';
import type { PlanInput } from './make-plan.ts';
import type { SurveyedName } from './survey.ts';

const WHAT = ['interval', 'servers', 'regions', 'minimumFailures', 'ttl', 'timeout'] as const;

/** One thing changed; counts, or whole seconds. */
export interface WhatIf {
  readonly what: (typeof WHAT)[number];
  readonly value: number;
}

const LEAST: Readonly<Record<WhatIf['what'], number>> = {
  interval: 1,
  servers: 1,
  regions: 1,
  minimumFailures: 1,
  ttl: 0,
  timeout: 1,
};
const MOST = 86_400;
const MOST_COUNT = 1000;

/** Of `interval=10`. Throws `E_WHAT_IF`. */
export function parseWhatIf(text: string): WhatIf {
  const [, word = '', number = ''] = /^([^=]*)=?(.*)$/.exec(text) ?? [];
  const what = WHAT.find((each) => each.toLowerCase() === word.toLowerCase());
  if (what === undefined) {
    const meant = closestWord(word, WHAT);
    throw new UserError('E_WHAT_IF', `--what-if ${text}: nothing is called '${word}'`, {
      hint: meant === undefined ? `There are: ${WHAT.join(', ')}.` : `Did you mean ${meant}?`,
    });
  }
  const value = Number(number.replace(/s$/, ''));
  const most = what === 'servers' || what === 'regions' ? MOST_COUNT : MOST;
  if (number !== '' && Number.isInteger(value) && value >= LEAST[what] && value <= most) return { what, value };
  throw new UserError('E_WHAT_IF', `--what-if ${text}: expected a whole number from ${LEAST[what]} to ${most}`, {
    hint: `For example: --what-if ${what}=${Math.max(LEAST[what], what === 'ttl' ? 30 : 5)}.`,
  });
}

export function withWhatIfs(input: PlanInput, changes: readonly WhatIf[]): PlanInput {
  return changes.reduce(changed, input);
}

function changed(input: PlanInput, { what, value }: WhatIf): PlanInput {
  switch (what) {
    case 'interval':
      return withServers(input, (server) => ({
        ...server,
        settings: { ...server.settings, checkIntervalSeconds: value },
      }));
    case 'servers':
      return withServerCount(input, value);
    case 'regions':
      return withRegions(input, value);
    case 'minimumFailures':
    case 'timeout':
      return withNames(input, (name) => withChecks(name, (check) => withOption(check, what, `${value}`)));
    case 'ttl':
      return withNames(input, (name) => ({ ...name, ttlSeconds: value }));
  }
}

function withServers(input: PlanInput, change: (server: FleetServer) => FleetServer): PlanInput {
  return { ...input, fleet: { ...input.fleet, servers: input.fleet.servers.map(change) } };
}

function withNames(input: PlanInput, change: (name: SurveyedName) => SurveyedName): PlanInput {
  // Servers that serve the same share their survey, and still do.
  const known = new Map<readonly SurveyedName[], readonly SurveyedName[]>();
  const surveys = input.surveys.map((names) => {
    const after = known.get(names) ?? names.map(change);
    known.set(names, after);
    return after;
  });
  return { ...input, surveys };
}

/** A server with what it would be asked for. */
interface Served {
  readonly server: FleetServer;
  readonly names: readonly SurveyedName[];
}

function served({ fleet, surveys }: PlanInput): Served[] {
  return fleet.servers.map((server, i) => ({ server, names: surveys[i] ?? [] }));
}

function withServed({ fleet }: PlanInput, all: readonly Served[]): PlanInput {
  return { fleet: { ...fleet, servers: all.map(({ server }) => server) }, surveys: all.map(({ names }) => names) };
}

/** The first ones stay; further ones are like those there are, in turn. */
function withServerCount(input: PlanInput, count: number): PlanInput {
  const own = served(input);
  const taken = new Set(own.map(({ server }) => server.name));
  const all = Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const like = own[i % own.length];
    if (like === undefined || i < own.length) return like ?? [];
    const name = freeName(like.server.name, Math.floor(i / own.length) + 1, taken);
    return { ...like, server: { ...like.server, name } };
  });
  return withServed(input, all);
}

/** Every further region brings as many servers as a region has now, and as many targets of every record. */
function withRegions(input: PlanInput, count: number): PlanInput {
  const own = served(input);
  const vantages = vantagesOf(input.fleet);
  const perRegion = vantages.map((vantage) => own.filter(({ server }) => server.vantage === vantage));
  const takenNames = new Set(own.map(({ server }) => server.name));
  const takenPlaces = new Set(vantages);
  const all = Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const like = perRegion[i % perRegion.length] ?? [];
    if (i < perRegion.length) return like;
    const vantage = freeName(vantages[i % vantages.length] ?? '', i + 1, takenPlaces);
    return like.map(({ server, names }) => ({
      server: { ...server, vantage, name: freeName(server.name, i + 1, takenNames) },
      names,
    }));
  });
  return withNames(withServed(input, all), (name) => ({
    ...name,
    warm: resized(name.warm, vantages.length, count),
    standby: resized(name.standby, vantages.length, count),
  }));
}

/** `NAME-2`, or a higher number where a server is called that already. Takes it. */
function freeName(base: string, number: number, taken: Set<string>): string {
  let name = `${base}-${number}`;
  for (let next = number + 1; taken.has(name); next++) name = `${base}-${next}`;
  taken.add(name);
  return name;
}

function resized(checks: readonly Check[], now: number, wanted: number): readonly Check[] {
  if (checks.length === 0) return checks;
  const count = Math.max(1, Math.round((checks.length * wanted) / now));
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const check = checks[i % checks.length];
    if (check === undefined) return [];
    return i < checks.length ? [check] : [atNewTarget(check, Math.floor(i / checks.length) + 1)];
  });
}

/** A target that does not exist yet, called after the one that it is like. */
function atNewTarget(check: Check, copy: number): Check {
  const { kind, address, port, url, options } = check;
  if (address === '') return externalCheck(`${url}#${copy}`, options);
  const there = `${address}#${copy}`;
  return kind === 'tcp' ? tcpCheck(there, port, options) : httpCheck(there, port, url, options);
}

function withChecks(name: SurveyedName, change: (check: Check) => Check): SurveyedName {
  return { ...name, warm: name.warm.map(change), standby: name.standby.map(change) };
}

function withOption(check: Check, option: string, value: string): Check {
  const { kind, address, port, url } = check;
  const options: CheckOptions = { ...check.options, [option]: value };
  if (address === '') return externalCheck(url, options);
  return kind === 'tcp' ? tcpCheck(address, port, options) : httpCheck(address, port, url, options);
}

/** From what a source says to a server that can be evaluated, and to the questions that are to be asked of it. */
import { isIP } from 'node:net';
import { type IpAddress, type Prefix, parseAddress } from '../geoip/address.ts';
import type { GeoView } from '../geoip/location.ts';
import { admissible } from '../simulator/answer/admissible.ts';
import { looksAtGeo } from '../simulator/answer/looks-at-geo.ts';
import type { Rcode } from '../simulator/answer/outcome.ts';
import { predict } from '../simulator/answer/predict.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import type { Check } from '../simulator/health/check.ts';
import { ABSENT, DOWN, UP } from '../simulator/health/status.ts';
import type { Warning } from '../simulator/lua/context.ts';
import type { LuaHost } from '../simulator/lua/environment.ts';
import type { Profile } from '../simulator/profile/profile.ts';
import { indexZone } from '../simulator/zone/index.ts';
import type { Zone } from '../simulator/zone/record.ts';
import type { WatchedName } from '../simulator/zone/watched-name.ts';
import type { ServerSettings } from '../wire/server-settings.ts';
import type { ClientConfig, Endpoint } from './config.ts';

export interface ModelParts {
  readonly profile: Profile;
  readonly settings: ServerSettings;
  readonly zones: readonly Zone[];
  readonly geo: GeoView;
  readonly lua: LuaHost;
  readonly address: Endpoint;
  /** Clients with networks say that the server shall use them, whatever its setting is. */
  readonly usesClientSubnets: boolean;
  /** Zones that the server is configured with and could not load: it answers SERVFAIL for them. Default: none. */
  readonly emptyZones?: readonly string[];
}

export function serverModel({
  profile,
  settings,
  zones,
  geo,
  lua,
  address,
  usesClientSubnets,
  emptyZones = [],
}: ModelParts): ServerModel {
  const { answer } = settings;
  return {
    profile,
    settings: { ...answer, ednsSubnetProcessing: answer.ednsSubnetProcessing || usesClientSubnets },
    zones: zones.map(indexZone),
    emptyZones,
    geo,
    lua,
    localAddress: requireAddress(address.address),
    localPort: address.port,
  };
}

/** A watched name as one client asks for it. */
export interface CrossCheck {
  readonly watched: WatchedName;
  readonly client: string;
  readonly question: Question;
  /** Every check the record can ask for. */
  readonly checks: readonly Check[];
  /** Why the server is not asked: the question would harm it, or the answer cannot be predicted. */
  readonly withheld: Warning | undefined;
  /** Why no answer to it is right or wrong: it hangs on something that nobody has told. */
  readonly unjudged: string | undefined;
  readonly warnings: readonly Warning[];
}

/** What is said where an answer hangs on databases that are not here. */
export const GEO_UNKNOWN =
  "the answer hangs on where the client is, and no GeoIP database is configured; name the server's: geoip: FILE, or --geoip FILE";

/**
 * The questions to cross-check: every watched name for every client. `isGeoKnown`: does the model see the databases that the
 * server has?
 */
export function crossChecks(
  model: ServerModel,
  names: readonly WatchedName[],
  clients: readonly ClientConfig[],
  ownAddress: IpAddress,
  isGeoKnown = true,
): CrossCheck[] {
  return names.flatMap((watched) =>
    clients.map((client) => {
      const planned = crossCheck(model, watched, client, ownAddress);
      return isGeoKnown || !looksAtGeo(planned.question, model) ? planned : { ...planned, unjudged: GEO_UNKNOWN };
    }),
  );
}

/** Equal for the same question of the same client, whatever the record's content is. */
export function crossCheckKey({ watched, client }: CrossCheck): string {
  return `${watched.owner.toLowerCase()} ${watched.type} ${client}`;
}

const MAX_PLANNED_BRANCHES = 2000;

function crossCheck(model: ServerModel, watched: WatchedName, client: ClientConfig, ownAddress: IpAddress): CrossCheck {
  const question = clientQuestion(watched.questionName, watched.type, ownAddress, client.subnet);
  const everything = admissible(question, model, () => [UP, DOWN, ABSENT], MAX_PLANNED_BRANCHES);
  const warnings = new Map<string, Warning>();
  const checks = new Map(everything.checks.map((check) => [check.id, check]));
  const outcomes = [...everything.outcomes];
  for (const status of [UP, DOWN]) {
    const prediction = predict(question, model, () => status, MAX_PLANNED_BRANCHES);
    for (const warning of prediction.warnings) warnings.set(warning.message, warning);
    // The last of many groups is asked on no path among the first thousands, but it is when all is down.
    for (const { check } of prediction.checks) checks.set(check.id, check);
    // A sample may find what lies beyond the paths that were walked.
    outcomes.push(...prediction.outcomes.map(({ outcome }) => outcome));
  }
  const mustNotBeAsked = outcomes.some(({ rcode }) => UNASKABLE.has(rcode));
  const withheld = mustNotBeAsked
    ? ([...warnings.values()].at(-1) ?? { code: 'E_LUA_OPAQUE', message: 'the answer cannot be predicted' })
    : undefined;
  return {
    watched,
    client: client.name,
    question,
    checks: [...checks.values()],
    withheld,
    unjudged: undefined,
    warnings: [...warnings.values()],
  };
}

/** Outcomes that a question would bring about, or that nobody can foresee. */
const UNASKABLE: ReadonlySet<Rcode> = new Set(['OPAQUE', 'CRASH', 'DROPPED']);

/** What a client asks; plain clients are those whose resolver sends no network. */
export function clientQuestion(name: string, type: string, ownAddress: IpAddress, subnet?: Prefix): Question {
  const question = { name, type, client: ownAddress, ednsSize: 1232 };
  return subnet === undefined ? question : { ...question, ecs: subnet };
}

/** An address that came from the operating system or was validated before. */
export function requireAddress(text: string): IpAddress {
  const address = isIP(text) === 0 ? undefined : parseAddress(text);
  if (address === undefined) throw new TypeError(`'${text}' is no IP address`);
  return address;
}

/** `predict`: what a server must answer, exactly, and why. */
import type { SourceConfig } from '../agent/config.ts';
import { clientQuestion, serverModel } from '../agent/model.ts';
import { predictionView } from '../agent/prediction-view.ts';
import { readOnce } from '../agent/read-once.ts';
import type { SourceReading } from '../agent/source.ts';
import { rejectedZones } from '../agent/zones.ts';
import type { GeoDatabase } from '../geoip/database.ts';
import { geoView, noGeo } from '../geoip/location.ts';
import { UserError } from '../input/errors.ts';
import { closestWord } from '../input/spelling.ts';
import { type AskedChecks, askedChecks } from '../simulator/answer/asked-checks.ts';
import { type ClientMapInput, clientMap } from '../simulator/answer/client-map.ts';
import { looksAtGeo } from '../simulator/answer/looks-at-geo.ts';
import { predict } from '../simulator/answer/predict.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { changesOf } from '../simulator/answer/what-if.ts';
import { allMapped, type MappedAddresses, noteMapped } from '../simulator/health/check-names.ts';
import { DOWN } from '../simulator/health/status.ts';
import type { Warning } from '../simulator/lua/context.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { zoneOf } from '../simulator/zone/index.ts';
import { absoluteName, isSubdomain, lowerCaseName } from '../simulator/zone/name.ts';
import { canonicalType } from '../simulator/zone/record-type.ts';
import { luaModule } from '../wire/lua-module.ts';
import { serverSettings } from '../wire/server-settings.ts';
import { type AllClients, printMapJson, printPrefixes, printSummary } from './all-clients.ts';
import { addressFlag, databasesFor, geoFilesOf, profileFor, sourceOf, subnetFlag, warnOf } from './option-values.ts';
import type { PredictFlags } from './predict.ts';
import { describeWarning, luaRecordsAt, printPrediction } from './prediction.ts';
import { printJson } from './print.ts';
import {
  contradictedChecks,
  type StatedTargets,
  type StatusOf,
  statedStatuses,
  statedTargets,
  unusedTargets,
} from './statuses.ts';
import { version } from './version.ts';

export async function runPredict(flags: PredictFlags): Promise<void> {
  refuseContradictions(flags);
  const stated = statedTargets({ up: flags.up ?? [], down: flags.down ?? [], unknown: flags.unknown ?? [] });
  const client = addressFlag('--from', flags.from ?? '127.0.0.1');
  const subnet = flags.subnet === undefined ? undefined : subnetFlag('--subnet', flags.subnet);
  const name = absoluteName(flags.name, '.');
  const wantedType = flags.type === undefined ? undefined : typeFlag(flags.type);
  const source = sourceOf(flags);
  const reading = await readOnce(source);
  warnOf(reading.warnings);
  const databases = await databasesFor(geoFilesOf(flags.geoip, source, reading));
  const model = modelOf(flags, source, reading, databases);
  const type = wantedType ?? luaRecordsAt(model, name)[0]?.type ?? 'A';
  const question = clientQuestion(name, type, client, subnet);
  const own = askedChecks(question, model, MAX_PLANNED_WAYS);
  const statusesOf = (mapped: MappedAddresses, evaluate: (statuses: StatusOf) => void) => {
    const statuses = (otherwise?: StatusOf) => statedStatuses(stated, mapped, otherwise);
    return flags.probe ? probed(evaluate, statuses, model) : statuses();
  };
  if (flags['all-clients']) {
    const mapWith = (statusOf: MapStatusOf) => clientMap({ question, server: model, databases, statusOf });
    const mapped = isAnythingStated(stated) ? allMapped([own.mapped, mappedForAnybody(model, mapWith)]) : own.mapped;
    const map = mapWith(await statusesOf(mapped, mapWith));
    const checks = [...own.checks, ...map.checks.map(({ check }) => check)];
    const warnings = [...map.warnings, ...remarks(question, model, stated, { checks, mapped })];
    return showAllClients({ map, question, model, databases, warnings }, flags);
  }
  const asked = await statusesOf(own.mapped, (statuses) => predict(question, model, statuses));
  const predicted = predict(question, model, asked);
  const prediction = { ...predicted, warnings: [...predicted.warnings, ...remarks(question, model, stated, own)] };
  const isJson = flags.format === 'json';
  const changes = isJson || flags.explain ? changesOf(predicted, question, model, asked) : [];
  if (isJson) printJson(predictionView(prediction, question, model.profile.line, changes));
  else printPrediction({ prediction, question, model, changes: flags.explain ? changes : undefined });
}

async function probed(
  evaluate: (statuses: StatusOf) => void,
  stated: (otherwise: StatusOf) => StatusOf,
  { profile }: ServerModel,
): Promise<StatusOf> {
  const { probedStatuses } = await import('./probed-statuses.ts');
  return probedStatuses(evaluate, stated, profile, version);
}

type MapStatusOf = ClientMapInput['statusOf'];

/**
 * What records of `ifurlextup` map for any client. A status stated of one address holds for all that share its check, so that
 * it must be known before the first client is answered. With everything down all sets are asked for.
 */
function mappedForAnybody({ zones }: ServerModel, mapWith: (statusOf: MapStatusOf) => unknown): MappedAddresses {
  const mapped = new Map<string, Set<string>>();
  const records = zones.flatMap(({ zone }) => zone.records);
  if (!records.some((record) => record.kind === 'lua' && record.text.includes('ifurlextup'))) return mapped;
  mapWith((check, speaksFor) => {
    noteMapped(mapped, check, speaksFor);
    return DOWN;
  });
  return mapped;
}

function isAnythingStated({ up, down, unknown }: StatedTargets): boolean {
  return up.length + down.length + unknown.length > 0;
}

function refuseContradictions({
  'all-clients': allClients,
  prefixes,
  subnet,
  from,
  explain,
  format,
}: PredictFlags): void {
  const refuse = (message: string, hint: string) => {
    throw new UserError('E_USAGE', message, { hint });
  };
  if (!allClients && prefixes) refuse('--prefixes needs --all-clients', 'Whose prefixes? Add --all-clients.');
  if (!allClients) return;
  const one = [subnet !== undefined && '--subnet', from !== undefined && '--from', explain && '--explain'].find(
    Boolean,
  );
  if (one) refuse(`--all-clients asks for everybody, ${one} for one client`, 'Give one of them.');
  if (prefixes && format === 'json')
    refuse('--prefixes is text', '--format json has every prefix anyway; leave it out.');
}

async function showAllClients(all: AllClients, { format, prefixes }: PredictFlags): Promise<void> {
  if (format === 'json') return printMapJson(all);
  if (!prefixes) return printSummary(all);
  warnOf(all.warnings.map(describeWarning));
  return printPrefixes(all);
}

function modelOf(
  flags: PredictFlags,
  source: SourceConfig,
  reading: SourceReading,
  databases: readonly GeoDatabase[],
): ServerModel {
  const profile = profileFor(flags.pdns, reading);
  return serverModel({
    profile,
    settings: serverSettings(reading.settings, profile),
    zones: reading.zones,
    emptyZones: rejectedZones(reading),
    geo: databases.length === 0 ? noGeo : geoView(databases),
    lua: new LuaHost({ module: luaModule(), profile }),
    address: { address: '127.0.0.1', port: 53 },
    // Zone files come without settings: whoever names a network there means a server that looks at it.
    usesClientSubnets: 'zoneFiles' in source && flags.subnet !== undefined,
  });
}

function typeFlag(text: string): string {
  const type = canonicalType(text);
  if (type !== undefined) return type;
  throw new UserError('E_TYPE', `'${text}' is no record type that PowerDNS knows`, {
    hint: 'Write A, AAAA, CNAME, TXT, … or TYPE65280 for a type without a name.',
  });
}

/** What whoever asks should know beyond the answer: most of it, that the question was not the one that was meant. */
function remarks(question: Question, model: ServerModel, stated: StatedTargets, asked: AskedChecks): Warning[] {
  const { name, type, ecs } = question;
  const found: Warning[] = [];
  const zone = zoneOf(model.zones, name);
  const known = [...model.zones.map((each) => each.name), ...(model.emptyZones ?? [])];
  if (zone === undefined && known.every((each) => !isSubdomain(name, each))) {
    const zones = model.zones.map((each) => each.zone.name).join(', ') || 'none';
    found.push({ code: 'E_NAME_OUTSIDE', message: `${name} is in none of the zones that were read (${zones}).` });
  } else if (
    zone?.zone.records.every(({ owner }) => lowerCaseName(owner) !== lowerCaseName(name) && !owner.startsWith('*.'))
  ) {
    const owners = [...new Set(zone.zone.records.map(({ owner }) => lowerCaseName(owner)))];
    const meant = closestWord(name, owners);
    if (meant !== undefined)
      found.push({ code: 'E_NAME_ABSENT', message: `${zone.zone.name} has no ${name} Did you mean ${meant}?` });
  }
  if (ecs !== undefined && !model.settings.ednsSubnetProcessing) {
    const message = "The server ignores the client's network: edns-subnet-processing is not set there.";
    found.push({ code: 'E_ECS_OFF', message });
  }
  if (model.geo === noGeo && looksAtGeo(question, model)) {
    const message = 'No GeoIP database is loaded, so every client is nowhere; name those of the server with --geoip.';
    found.push({ code: 'E_GEOIP_NONE', message });
  }
  if (!model.settings.luaRecords && luaRecordsAt(model, name).length > 0) {
    found.push({ code: 'E_LUA_OFF', message: 'LUA records are as if absent: enable-lua-records is not set there.' });
  }
  return [...found, ...unusedTargets(stated, asked, `${name} ${type}`), ...contradictedChecks(stated, asked)];
}

const MAX_PLANNED_WAYS = 2000;

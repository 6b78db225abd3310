/** `predict`: what a server must answer, exactly, and why. */
import type { SourceConfig } from '../agent/config.ts';
import { clientQuestion, serverModel } from '../agent/model.ts';
import { describeOutcome } from '../agent/outcome-text.ts';
import { predictionView } from '../agent/prediction-view.ts';
import { readOnce } from '../agent/read-once.ts';
import type { SourceReading } from '../agent/source.ts';
import { formatPlace, UserError } from '../geoip/errors.ts';
import { closestWord } from '../geoip/spelling.ts';
import { admissible } from '../simulator/answer/admissible.ts';
import type { Question, ServerModel } from '../simulator/answer/evaluate.ts';
import { type Prediction, predict } from '../simulator/answer/predict.ts';
import { ABSENT, DOWN, UP } from '../simulator/health/status.ts';
import type { Warning } from '../simulator/lua/context.ts';
import { LuaHost } from '../simulator/lua/environment.ts';
import { formatRational, toNumber } from '../simulator/rational.ts';
import { zoneOf } from '../simulator/zone/index.ts';
import { absoluteName, lowerCaseName } from '../simulator/zone/name.ts';
import type { LuaRecord } from '../simulator/zone/record.ts';
import { canonicalType } from '../simulator/zone/record-type.ts';
import { luaModule } from '../wire/lua-module.ts';
import { serverSettings } from '../wire/server-settings.ts';
import { addressFlag, geoFilesOf, geoFor, profileFor, sourceOf, subnetFlag, warnOf } from './option-values.ts';
import type { PredictFlags } from './predict.ts';
import { printJson, printTable } from './print.ts';
import { type StatedTargets, type StatusOf, statedStatuses, unusedTargets } from './statuses.ts';
import { version } from './version.ts';

export async function runPredict(flags: PredictFlags): Promise<void> {
  const stated = { up: flags.up ?? [], down: flags.down ?? [], unknown: flags.unknown ?? [] };
  // Refuses what is stated twice before anything is read.
  const statusOf = statedStatuses(stated);
  const client = addressFlag('--from', flags.from);
  const subnet = flags.subnet === undefined ? undefined : subnetFlag('--subnet', flags.subnet);
  const name = absoluteName(flags.name, '.');
  const wantedType = flags.type === undefined ? undefined : typeFlag(flags.type);
  const source = sourceOf(flags);
  const reading = await readOnce(source);
  warnOf(reading.warnings);
  const model = await modelOf(flags, source, reading);
  const records = luaRecordsAt(model, name);
  const type = wantedType ?? records[0]?.type ?? 'A';
  const question = clientQuestion(name, type, client, subnet);
  const asked = flags.probe ? await probed(question, model, stated) : statusOf;
  const predicted = predict(question, model, asked);
  const prediction = { ...predicted, warnings: [...predicted.warnings, ...remarks(question, model, stated)] };
  if (flags.format === 'json') printJson(predictionView(prediction, question, model.profile.line));
  else printPrediction(prediction, question, model, flags.explain);
}

async function probed(question: Question, model: ServerModel, stated: StatedTargets): Promise<StatusOf> {
  const { probedStatuses } = await import('./probed-statuses.ts');
  return probedStatuses((statuses) => predict(question, model, statuses), stated, model.profile, version);
}

async function modelOf(flags: PredictFlags, source: SourceConfig, reading: SourceReading): Promise<ServerModel> {
  const profile = profileFor(flags.pdns, reading);
  return serverModel({
    profile,
    settings: serverSettings(reading.settings, profile),
    zones: reading.zones,
    geo: await geoFor(geoFilesOf(flags.geoip, source, reading)),
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

function luaRecordsAt({ zones }: ServerModel, name: string): LuaRecord[] {
  return (zoneOf(zones, name)?.at(name) ?? []).filter((record) => record.kind === 'lua');
}

/** What whoever asks should know beyond the answer: most of it, that the question was not the one that was meant. */
function remarks(question: Question, model: ServerModel, stated: StatedTargets): Warning[] {
  const { name, type, ecs } = question;
  const found: Warning[] = [];
  const zone = zoneOf(model.zones, name);
  if (zone === undefined) {
    const zones = model.zones.map((each) => each.zone.name).join(', ') || 'none';
    found.push({ code: 'E_NAME_OUTSIDE', message: `${name} is in none of the zones that were read (${zones}).` });
  } else if (
    zone.zone.records.every(({ owner }) => lowerCaseName(owner) !== lowerCaseName(name) && !owner.startsWith('*.'))
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
  if (!model.settings.luaRecords && luaRecordsAt(model, name).length > 0) {
    found.push({ code: 'E_LUA_OFF', message: 'LUA records are as if absent: enable-lua-records is not set there.' });
  }
  const { checks } = admissible(question, model, () => [UP, DOWN, ABSENT], MAX_PLANNED_BRANCHES);
  return [...found, ...unusedTargets(stated, checks, `${name} ${type}`)];
}

const MAX_PLANNED_BRANCHES = 2000;

function printPrediction(prediction: Prediction, question: Question, model: ServerModel, explain: boolean): void {
  const { name, type } = question;
  const { outcomes, checks, warnings, because, exact } = prediction;
  console.log(`${name} ${type} on PowerDNS ${model.profile.line}\n`);
  printTable(
    ['probability', 'answer', 'TTL'],
    outcomes.map(({ outcome, probability }) => [
      `${formatRational(probability)} (${(toNumber(probability) * 100).toFixed(1)} %)`,
      describeOutcome(outcome, type),
      `${outcome.answers[0]?.ttlSeconds ?? ''}`,
    ]),
  );
  if (!exact) console.log('\nMore answers are possible than were listed.');
  if (checks.length > 0) {
    console.log();
    printTable(
      ['target', 'taken as', 'check'],
      checks.map(({ check, status }) => [check.target || 'by its URL', status.kind, check.url || 'TCP']),
    );
  }
  const places = luaRecordsAt(model, name).flatMap(({ place }) => (place === undefined ? [] : formatPlace(place)));
  for (const { code, message } of warnings) console.log(`\nwarning: ${message} (${code})`);
  if (warnings.length > 0 && places.length > 0) console.log(`  the record is at ${places.join(' and ')}`);
  if (!explain) return;
  console.log('\nBecause');
  for (const { step } of because) console.log(`  - ${step}`);
  if (because.length === 0) console.log('  - nothing was checked, drawn or looked up for it');
}

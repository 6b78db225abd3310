/** A prediction for people. */
import { describeOutcome } from '../agent/outcome-text.ts';
import { formatPlace } from '../input/errors.ts';
import type { Prediction } from '../simulator/answer/predict.ts';
import type { Question } from '../simulator/answer/question.ts';
import type { ServerModel } from '../simulator/answer/server-model.ts';
import { type Change, describeVariation, type Variation, variationsOf } from '../simulator/answer/what-if.ts';
import type { Warning } from '../simulator/lua/context.ts';
import { zoneOf } from '../simulator/zone/index.ts';
import type { LuaRecord } from '../simulator/zone/record.ts';
import { describeDistribution, describeProbability, describeSample } from './outcomes.ts';
import { printTable } from './print.ts';

export interface PredictionText {
  readonly prediction: Prediction;
  readonly question: Question;
  readonly model: ServerModel;
  /** What would change the answer; undefined where nobody wants to know why it is so. */
  readonly changes: readonly Change[] | undefined;
}

export function printPrediction(text: PredictionText): void {
  const { prediction, question, model, changes } = text;
  const { name, type } = question;
  const { outcomes, checks, warnings } = prediction;
  console.log(`${name} ${type} on PowerDNS ${model.profile.line}\n`);
  printTable(
    ['probability', 'answer', 'TTL'],
    outcomes.map((predicted) => [
      describeProbability(predicted),
      describeOutcome(predicted.outcome, type),
      `${predicted.outcome.answers[0]?.ttlSeconds ?? ''}`,
    ]),
  );
  const sampled = describeSample(prediction);
  if (sampled !== undefined) console.log(`\n${sampled}`);
  printChecks(checks);
  printWarnings(warnings, luaRecordsAt(model, name));
  if (changes === undefined) return;
  printReasons(prediction);
  printChanges(changes, text);
}

export function printChecks(checks: Prediction['checks']): void {
  if (checks.length === 0) return;
  console.log();
  printTable(
    ['target', 'taken as', 'check'],
    checks.map(({ check, status }) => [check.target || 'by its URL', status.kind, check.url || 'TCP']),
  );
}

export function printWarnings(warnings: readonly Warning[], records: readonly LuaRecord[]): void {
  const places = records.flatMap(({ place }) => (place === undefined ? [] : formatPlace(place)));
  for (const warning of warnings) console.log(`\nwarning: ${describeWarning(warning)}`);
  if (warnings.length > 0 && places.length > 0) console.log(`  the record is at ${places.join(' and ')}`);
}

export function describeWarning({ code, message }: Warning): string {
  return `${message} (${code})`;
}

export function luaRecordsAt({ zones }: ServerModel, name: string): LuaRecord[] {
  return (zoneOf(zones, name)?.at(name) ?? []).filter((record) => record.kind === 'lua');
}

function printReasons({ because, outcomes }: Prediction): void {
  console.log('\nBecause');
  for (const { step } of because) printItem(step);
  if (because.length > 0) return;
  const draws = outcomes.length > 1 ? 'the record draws among its answers' : 'the record gives it';
  printItem(`${draws}: no target was asked for, and nothing looked up`);
}

const WIDTH = 110;

/** What is told in brackets, one thing behind the other, gets lines of its own where one is too short for it. */
function printItem(step: string): void {
  const [, head = step, list] = /^(.*?) \((.*; .*)\)$/.exec(step) ?? [];
  const isLong = list !== undefined && step.length > WIDTH;
  console.log(`  - ${isLong ? head : step}`);
  if (isLong) for (const part of list.split('; ')) console.log(`      ${part}`);
}

function printChanges(changes: readonly Change[], { prediction, question, model }: PredictionText): void {
  console.log('\nWhat would change the answer');
  for (const { text, distribution } of changes) {
    console.log(`  - if ${text}: ${describeDistribution(distribution, question.type)}`);
  }
  const idle = withoutEffect(changes, prediction, question, model);
  if (idle.length > 0) console.log(`  - no difference: ${idle.join(', ')}`);
  else if (changes.length === 0) console.log('  - nothing: it hangs on no target, no client network and no GeoIP');
}

/** What was tried and makes no difference. */
function withoutEffect(
  changes: readonly Change[],
  { checks }: Prediction,
  question: Question,
  model: ServerModel,
): string[] {
  const effective = new Set(changes.map(({ variation }) => keyOf(variation)));
  const all = checks.map(({ check }) => check);
  return variationsOf(checks, question, model)
    .filter((variation) => !effective.has(keyOf(variation)))
    .map((variation) => describeVariation(variation, all));
}

function keyOf(variation: Variation): string {
  return variation.kind === 'status' ? `${variation.status.kind} ${variation.check.id}` : variation.kind;
}

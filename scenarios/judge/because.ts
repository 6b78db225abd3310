/** What is wrong with the code that gave an answer, where something is: a scenario that fails names it. */
import { formatPlace } from '../../input/errors.ts';
import { predict } from '../../simulator/answer/predict.ts';
import type { Question } from '../../simulator/answer/question.ts';
import { asRelease, type ServerModel } from '../../simulator/answer/server-model.ts';
import type { Micros } from '../../simulator/clock.ts';
import type { Check } from '../../simulator/health/check.ts';
import { ABSENT, AWAITED, type CheckStatus, DOWN, UP } from '../../simulator/health/status.ts';
import { type History, type ShownStatus, valueAt } from '../../simulator/world/history.ts';
import type { WorldPlan } from '../../simulator/world/plan.ts';
import { zoneOf } from '../../simulator/zone/index.ts';
import type { Course } from '../simulate/courses.ts';

const MAX_BRANCHES = 100;

/** One sentence a thing, with where the record is written; empty where the code does what PowerDNS knows. */
export function becauseOf(
  { plan, history }: Pick<Course, 'plan' | 'history'>,
  server: string,
  question: Question,
  at: Micros,
): readonly string[] {
  const model = modelAt(plan, server, at);
  if (model === undefined) return [];
  const { warnings } = predict(question, model, (check) => statusAt(history, server, check, at), MAX_BRANCHES);
  const records = zoneOf(model.zones, question.name)?.at(question.name) ?? [];
  const places = records.flatMap(({ kind, place }) => (kind === 'lua' && place !== undefined ? [place] : []));
  const written = places.map(({ file, line }) => formatPlace({ file, ...(line === undefined ? {} : { line }) }));
  const where = written.length === 0 ? '' : `, written at ${written.join(' and ')}`;
  return warnings.map(({ message, code }) => `${message} (${code})${where}`);
}

/** What the server is after everything that happened to it up to a moment. */
function modelAt({ servers, events }: WorldPlan, server: string, at: Micros): ServerModel | undefined {
  let model = servers.find(({ name }) => name === server)?.model;
  for (const event of events) {
    if (model === undefined || event.at > at) break;
    if (event.kind === 'model' && event.server === server) model = event.change(model);
    else if (event.kind === 'start' && event.server === server && event.profile !== undefined) {
      model = asRelease(model, event.profile);
    }
  }
  return model;
}

const STATUSES: Readonly<Record<ShownStatus, CheckStatus>> = { up: UP, down: DOWN, unknown: AWAITED, absent: ABSENT };

function statusAt({ statuses }: History, server: string, check: Check, at: Micros): CheckStatus {
  const series = statuses.find((each) => each.server === server && each.check === check.id);
  return STATUSES[valueAt(series?.changes ?? [], at) ?? 'absent'];
}

/**
 * Why did the server answer so? Every assumption of the prediction is changed, one at a time; those under which each
 * answer that was seen becomes possible explain the drift.
 */

import { noGeo } from '../geoip/location.ts';
import { admissible } from '../simulator/answer/admissible.ts';
import { looksAtGeo } from '../simulator/answer/looks-at-geo.ts';
import { answerKey } from '../simulator/answer/outcome.ts';
import type { Question } from '../simulator/answer/question.ts';
import { asRelease, type ServerModel } from '../simulator/answer/server-model.ts';
import { believing, describeVariation, withoutClientNetwork, withoutGeo } from '../simulator/answer/what-if.ts';
import type { Check } from '../simulator/health/check.ts';
import { type CheckStatus, DOWN, UP } from '../simulator/health/status.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import type { ObservedAnswer } from './judge.ts';
import { olderStates } from './older-states.ts';
import { withoutRecord } from './without-record.ts';

export interface Diagnosis {
  readonly assumption: string;
  readonly explains: boolean;
  readonly detail: string;
}

export interface DiagnosisInput {
  readonly question: Question;
  readonly model: ServerModel;
  /** What the server may have been before: older content of its zones, newest first. */
  readonly olderModels: readonly ServerModel[];
  /** Different answers that were seen; all of them must be explained. */
  readonly seen: readonly ObservedAnswer[];
  readonly fitting: (check: Check) => readonly CheckStatus[];
  /** Checks that the record asks for. */
  readonly checks: readonly Check[];
  /** Other clients' networks, to find answers meant for somebody else. */
  readonly otherClients: readonly { readonly name: string; readonly question: Question }[];
  /** Was another record of the same zone just answered as its code says, and not as if there were none? */
  readonly runsOtherCode: boolean;
}

/** Explanations first, the most telling of them foremost. Never empty. */
export function diagnose(input: DiagnosisInput): Diagnosis[] {
  const tried = [...computed(input), ...unknownDatabase(input)];
  // The fewer answers an assumption allows, the more it says that just this one was seen.
  const rank = ({ diagnosis, possible }: Tried) => (diagnosis.explains ? possible : Infinity);
  return tried.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b))).map(({ diagnosis }) => diagnosis);
}

interface Tried {
  readonly diagnosis: Diagnosis;
  /** How many answers are possible under it. */
  readonly possible: number;
}

function computed(input: DiagnosisInput): Tried[] {
  return [...assumptions(input)].map(({ assumption, detail, question, model, fitting }) => {
    const { outcomes } = admissible(question ?? input.question, model ?? input.model, fitting ?? input.fitting);
    const possible = new Set(outcomes.map(answerKey));
    const explains = input.seen.every((answer) => possible.has(answerKey(answer)));
    return { diagnosis: { assumption, detail, explains }, possible: possible.size };
  });
}

/** What a database that is not here would answer cannot be computed: any data at all may be its. */
function unknownDatabase({ question, model, seen }: DiagnosisInput): Tried[] {
  if (model.geo !== noGeo || !looksAtGeo(question, model)) return [];
  const diagnosis = {
    assumption: 'the server has a GeoIP database, and none is configured here',
    detail: 'the record looks at where the client is; name the files of the server: geoip: FILE',
    explains: seen.every(({ rcode, answers }) => rcode === 'NOERROR' && answers.length > 0),
  };
  return [{ diagnosis, possible: Number.MAX_SAFE_INTEGER }];
}

/** One thing that is otherwise; what is left out is as it was. */
export interface Assumption {
  readonly assumption: string;
  readonly detail: string;
  readonly question?: Question;
  readonly model?: ServerModel;
  readonly fitting?: DiagnosisInput['fitting'];
}

function* assumptions(input: DiagnosisInput): Generator<Assumption> {
  const { question, model, olderModels, fitting, checks, otherClients } = input;
  yield* withoutRecord(question, model);
  for (const variation of withoutClientNetwork(question)) {
    yield {
      assumption: describeVariation(variation, checks),
      detail: 'edns-subnet-processing is off, or something in front of the server removes the ECS option',
      question: variation.question,
    };
  }
  for (const variation of withoutGeo(model)) {
    yield {
      assumption: describeVariation(variation, checks),
      detail: 'launch has no geoip, or geoip-database-files is empty: every address is at 0°N 0°E for the server',
      model: variation.server,
    };
  }
  for (const check of checks) {
    const [believed] = fitting(check);
    for (const status of [UP, DOWN]) {
      if (fitting(check).length === 1 && believed?.kind === status.kind) continue;
      yield {
        assumption: `the server believes ${describeVariation({ kind: 'status', check, status }, checks)}`,
        detail: `its probes of ${check.url || check.target} end otherwise than those from here: another route, source address, header or name`,
        fitting: believing(fitting, check, [status]),
      };
    }
  }
  yield* olderStates(model, olderModels);
  // A server that runs code of the same zone has it switched on.
  if (!input.runsOtherCode) {
    yield {
      assumption: 'LUA records are switched off',
      detail: 'enable-lua-records is no, or the zone is presigned',
      model: { ...model, settings: { ...model.settings, luaRecords: false } },
    };
  }
  for (const profile of Object.values(PROFILES)) {
    if (profile.line === model.profile.line) continue;
    yield {
      assumption: `the server is a ${profile.line}`,
      detail: `configured or detected is ${model.profile.line}`,
      model: asRelease(model, profile),
    };
  }
  for (const { name, question: other } of otherClients) {
    yield {
      assumption: `the server takes the client for '${name}'`,
      detail: 'another network is passed on in place of this one',
      question: { ...other, name: question.name, type: question.type },
    };
  }
}

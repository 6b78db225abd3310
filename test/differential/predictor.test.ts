/** Remembering must change nothing: the decision tree against plain evaluation, over random zones, clients and statuses. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress, parsePrefix } from '../../geoip/address.ts';
import { GeoDatabase } from '../../geoip/database.ts';
import { geoView } from '../../geoip/location.ts';
import { evaluate } from '../../simulator/answer/evaluate.ts';
import { predict } from '../../simulator/answer/predict.ts';
import { Predictor } from '../../simulator/answer/predictor.ts';
import type { Question } from '../../simulator/answer/question.ts';
import type { ServerModel } from '../../simulator/answer/server-model.ts';
import { sampler, seededUint32 } from '../../simulator/chooser.ts';
import type { Check } from '../../simulator/health/check.ts';
import { ABSENT, type CheckStatus, DOWN, UP } from '../../simulator/health/status.ts';
import { LuaHost } from '../../simulator/lua/environment.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { indexZone } from '../../simulator/zone/index.ts';
import { parseZoneFile } from '../../simulator/zone/zonefile.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { arbitraryCase, casesOf, type FuzzCase } from './arbitrary-case.ts';
import { arbitraryHealthCode } from './arbitrary-health.ts';
import { type FuzzQuestion, ZONE } from './arbitrary-question.ts';
import { recordedGeoFiles } from './geo-files.ts';

const geo = geoView(recordedGeoFiles().map(({ name, content }) => GeoDatabase.fromBuffer(content, name)));
const SILENT = { because: () => {}, warn: () => {} };
const CASES = 40;
/** Code that draws and includes itself runs long in each of them. */
const BRANCHES = 40;
const NETWORKS = ['203.0.113.0/24', '10.2.0.0/16', '192.0.2.0/25', '2001:db8:1::/48', '10.2.0.0/16', undefined];

describe.each(['4.7', '5.1'] as const)('remembered answers of %s', (line) => {
  const profile = PROFILES[line];
  const lua = new LuaHost({ module: luaModule(), profile });

  test.each([1, 2])('are those of the code, and ask and draw as it does (seed %i)', { timeout: 60_000 }, (seed) => {
    const labels = Array.from({ length: CASES }, (_, i) => `n${i}`);
    const cases = [...casesOf(arbitraryCase(profile, 8), seed, labels), ...healthCases(seed)];
    const model = modelOf(cases.flatMap(({ lines }) => lines));
    const predictor = new Predictor(model);
    // Twice, so that the second round finds everything in the tree.
    for (const round of [1, 2]) {
      for (const [i, { questions }] of cases.entries()) {
        for (const [j, asked] of questions.entries()) {
          const question = questionOf(asked);
          const statuses = randomStatuses(seed + i * 31 + j * 7 + (round === 1 ? 0 : j % 2));
          const plain = predict(question, model, statuses, BRANCHES);
          const remembered = predictor.predict(question, statuses, BRANCHES);
          const { checks: _checks, warnings: _warnings, because: _because, ...distribution } = plain;
          expect(remembered).toEqual(distribution);
          expect(oneAnswer((beliefs) => predictor.ask(question, beliefs), statuses, i)).toEqual(
            oneAnswer((beliefs) => evaluate(question, model, beliefs, SILENT), statuses, i),
          );
        }
      }
    }
  });

  function modelOf(lines: readonly string[]): ServerModel {
    const text = ['@ 60 IN SOA ns1 host 1 60 60 60 60', ...lines].join('\n');
    const zone = {
      name: `${ZONE}.`,
      records: parseZoneFile(text, { file: 'fuzz.zone', origin: `${ZONE}.`, defaultTtlSeconds: 60 }),
    };
    const settings = {
      luaRecords: true,
      ednsSubnetProcessing: true,
      luaRecordsInsertWhitespace: true,
      luaRecordsExecLimit: 1000,
    };
    const localAddress = addressOf('127.0.0.1');
    return { profile, settings, zones: [indexZone(zone)], geo, lua, localAddress, localPort: 53 };
  }

  function healthCases(seed: number): FuzzCase[] {
    const targets = { up: ['192.0.2.1', '192.0.2.2'], down: ['192.0.2.3', '2001:db8::1'], httpPort: 80 };
    return fc.sample(arbitraryHealthCode(profile, targets, 'any'), { seed, numRuns: CASES }).map((code, i) => ({
      lines: [`h${i} 60 IN LUA A "${code}"`],
      questions: NETWORKS.map((ecs) => ({ ...PLAIN, name: `h${i}.${ZONE}.`, ecs })),
    }));
  }
});

const PLAIN: FuzzQuestion = {
  name: '',
  type: 'A',
  ecs: undefined,
  from: '127.0.0.1',
  tcp: false,
  udpSize: 1232,
  dnssecOk: false,
  recursionDesired: false,
  checkingDisabled: false,
};

function questionOf({ name, type, ecs, from, tcp, dnssecOk, recursionDesired, checkingDisabled }: FuzzQuestion) {
  const prefix = ecs === undefined ? undefined : parsePrefix(ecs);
  const question: Question = { name, type, client: addressOf(from), tcp, dnssecOk, recursionDesired, checkingDisabled };
  return prefix === undefined ? question : { ...question, ecs: prefix };
}

/** The outcome, the checks asked in their order, and how many draws were made. */
function oneAnswer(
  ask: (beliefs: Parameters<typeof evaluate>[2]) => unknown,
  statuses: (check: Check) => CheckStatus,
  seed: number,
) {
  const dice = sampler(seededUint32(seed));
  const asked: string[] = [];
  let draws = 0;
  const outcome = ask({
    statusOf: (check) => {
      asked.push(check.id);
      return statuses(check);
    },
    chooser: {
      choose: (weights) => {
        draws++;
        return dice.choose(weights);
      },
    },
  });
  return { outcome, asked, draws };
}

/** The same for the same check, whenever it is asked for. */
function randomStatuses(seed: number): (check: Check) => CheckStatus {
  const all: readonly CheckStatus[] = [UP, DOWN, ABSENT, { kind: 'up', failures: 0, weight: 5 }];
  return ({ id }) => {
    let hash = seed;
    for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) | 0;
    return all[(hash >>> 4) % all.length] ?? UP;
  };
}

function addressOf(text: string) {
  const address = parseAddress(text);
  if (address === undefined) throw new TypeError(`'${text}' is no IP address`);
  return address;
}

/** What a server answers to the questions of a story, by the statuses of the checks it asks for. */
import { parseAddress } from '../../../geoip/address.ts';
import { noGeo } from '../../../geoip/location.ts';
import { answerTexts } from '../../../simulator/answer/outcome.ts';
import { predict } from '../../../simulator/answer/predict.ts';
import type { Question } from '../../../simulator/answer/question.ts';
import type { ServerModel } from '../../../simulator/answer/server-model.ts';
import type { Check } from '../../../simulator/health/check.ts';
import type { CheckStatus } from '../../../simulator/health/status.ts';
import { LuaHost } from '../../../simulator/lua/environment.ts';
import type { Profile } from '../../../simulator/profile/profile.ts';
import { bindBackendOrder } from '../../../simulator/zone/backend-order.ts';
import { indexZone } from '../../../simulator/zone/index.ts';
import { parseZoneFile } from '../../../simulator/zone/zonefile.ts';
import { luaModule } from '../../../wire/lua-module.ts';
import { nameOf, type Place, type Story, ZONE, zoneText } from './story.ts';

/** Addresses, sorted, or the response code, for every draw that the server can make. */
export type PossibleAnswers = ReadonlySet<string>;

export type StatusOf = (check: Check) => CheckStatus;

interface Evaluation {
  readonly reads: readonly { readonly check: Check; readonly status: string }[];
  readonly answers: PossibleAnswers;
}

/**
 * Remembers evaluations under the statuses that they read, since a story asks the same some hundred times. A status is
 * read only where the evaluation itself reads it: to read is to ask.
 */
export class StoryAnswers {
  readonly #server: ServerModel;
  readonly #known = new Map<string, Evaluation[]>();

  constructor(story: Story, place: Place, profile: Profile) {
    const records = parseZoneFile(zoneText(story, place), { file: ZONE, origin: `${ZONE}.` });
    this.#server = {
      profile,
      settings: {
        luaRecords: true,
        ednsSubnetProcessing: true,
        luaRecordsInsertWhitespace: profile.insertWhitespace,
        luaRecordsExecLimit: 1000,
      },
      zones: [indexZone({ name: `${ZONE}.`, records: bindBackendOrder(records) })],
      geo: noGeo,
      lua: new LuaHost({ module: luaModule(), profile }),
      localAddress: loopback,
      localPort: 53,
    };
  }

  to(label: string, statusOf: StatusOf): PossibleAnswers {
    const read = new Map<string, CheckStatus>();
    const once: StatusOf = (check) => {
      const status = read.get(check.id) ?? statusOf(check);
      read.set(check.id, status);
      return status;
    };
    const known = this.#known.get(label) ?? [];
    // What is read next hangs on what was read before alone, so a mismatch has read nothing that the evaluation would not.
    const equal = known.find(({ reads }) => reads.every(({ check, status }) => statusText(once(check)) === status));
    if (equal !== undefined) return equal.answers;
    const { outcomes, checks } = predict(this.#question(label), this.#server, once);
    const answers = new Set(
      outcomes.map(({ outcome }) =>
        outcome.answers.length === 0 ? outcome.rcode : answerTexts(outcome, 'A').join(' '),
      ),
    );
    const reads = checks.map(({ check, status }) => ({ check, status: statusText(status) }));
    this.#known.set(label, [...known, { reads, answers }]);
    return answers;
  }

  #question(label: string): Question {
    return { name: nameOf(label), type: 'A', client: loopback, clientPort: 40_000 };
  }
}

const loopback = (() => {
  const parsed = parseAddress('127.0.0.1');
  if (parsed === undefined) throw new Error('127.0.0.1 is an address');
  return parsed;
})();

function statusText(status: CheckStatus): string {
  return JSON.stringify(status.kind === 'up' ? { ...status, failures: 0 } : { ...status, failures: undefined });
}

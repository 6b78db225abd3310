import { describe, expect, it } from 'vitest';
import { predict } from '../../simulator/answer/predict.ts';
import { ABSENT } from '../../simulator/health/status.ts';
import type { ZoneIndex } from '../../simulator/zone/index.ts';
import { difference } from './compare.ts';
import { notReproduced, reasonFor } from './not-reproduced.ts';
import {
  observedBy,
  type RecordedQuestion,
  type Recording,
  type Release,
  readQuestions,
  releases,
} from './recorded.ts';
import { questionOf, serverOf, ZONE, zoneOfLines } from './subject.ts';

/** Records that the recording servers had besides those of a question. */
const TARGETS = ['tgt 60 IN A 192.0.2.77', 'tgt2 60 IN A 192.0.2.78'];
const OTHER_ZONE = zoneOfLines(['www 60 IN A 192.0.2.70'], 'other.test');
/** The zone behind `; see extra`. */
const FORWARD_ZONE = zoneOfLines(['*', 'cfexact', '1-2-3-4'].map((owner) => `${owner} 60 IN LUA A "createForward()"`));

const files = [
  'eval-result-types',
  'rrset-interplay',
  'variables-and-libs',
  'pick-edge',
  'pick-weighted-edge',
  'hash-client',
  'hash-name',
  'geo-lookup',
  'geo-pickclosest',
  'view-filter-include-dblookup',
  'create-forward-reverse',
  'own/recorded',
];

for (const recording of files.map(readQuestions)) {
  const topics = Map.groupBy(recording.questions, ({ topic }) => topic);
  describe(recording.file, () => {
    for (const [topic, questions] of topics) {
      for (const release of releases) {
        const asked = questions.filter((question) => observedBy(question, release) !== undefined);
        if (asked.length === 0) continue;
        it(`${topic}: ${asked.length} as PowerDNS ${release}`, () => {
          const differences = asked.map((question) => [question.key, judged(recording, question, release)] as const);
          expect(differences.filter(([, text]) => text !== undefined)).toEqual([]);
        });
      }
    }
  });
}

describe('the list of what is not reproduced', () => {
  it('names questions that exist', () => {
    const known = new Set(files.flatMap((file) => readQuestions(file).questions.map(({ key }) => `${file} ${key}`)));
    const strangers = notReproduced.filter(({ file, key }) => files.includes(file) && !known.has(`${file} ${key}`));
    expect(strangers).toEqual([]);
  });
});

/** What is wrong with the prediction; for listed questions, that nothing is. */
function judged(recording: Recording, question: RecordedQuestion, release: Release): string | undefined {
  const observed = observedBy(question, release);
  if (observed === undefined) return undefined;
  const server = serverOf(release, { zones: zonesFor(recording, question), usesGeo: recording.usesGeo });
  const asked = questionOf(question);
  const found = difference(
    predict(asked, server, () => ABSENT),
    observed,
    asked.type,
  );
  const reason = reasonFor(recording.file, question.key, release);
  if (reason === undefined) return found && `${question.code ?? ''} ${found}`;
  return found === undefined ? `is listed as not reproduced (${reason}) but is` : undefined;
}

function zonesFor(recording: Recording, question: RecordedQuestion): ZoneIndex[] {
  if (question.records?.[0]?.startsWith(';')) return [FORWARD_ZONE];
  if (question.owner?.endsWith('.forward.test.')) return [zoneOfLines(recordLines(question), 'forward.test')];
  const { zoneExtra, zoneLines } = recording;
  const own = question.records ?? recordLines(question);
  const extra = zoneExtra.filter((line) => !line.startsWith('zone ')).map(withTtl);
  const defined = new Set(own.map((line) => line.split(' ', 1)[0]));
  const targets =
    recording.file === 'rrset-interplay' ? TARGETS.filter((line) => !defined.has(line.split(' ', 1)[0])) : [];
  return [zoneOfLines([...own, ...extra, ...zoneLines, ...targets]), ...(zoneExtra.length > 0 ? [OTHER_ZONE] : [])];
}

function recordLines({ owner, query, type, code }: RecordedQuestion): string[] {
  return code === undefined ? [] : [`${owner ?? query.qname} 60 IN LUA ${type} "${code}"`];
}

/** `db1 A 192.0.2.61` as a line of a zone file. */
function withTtl(line: string): string {
  return line.replace(' ', ' 60 IN ').replace('10 mail', `10 mail.${ZONE}.`).replace('CNAME db1', `CNAME db1.${ZONE}.`);
}

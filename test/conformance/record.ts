/**
 * Asks the installed servers the questions of `own/questions.jsonl` and writes what they answer to `own/recorded.jsonl`, in the
 * shape of the recordings in `test/vectors`:
 *
 *     node test/conformance/record.ts
 *
 * Every question is put several times, to servers that were started anew. Answers that hold an address of the server's
 * memory are left out.
 */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { presentRdata } from '../../simulator/answer/rdata.ts';
import { PROFILES } from '../../simulator/profile/index.ts';
import { typeName, typeNumber } from '../../simulator/zone/record-type.ts';
import { findServers, type RunningPowerDns, startPowerDns } from '../../wire/rig/rig.ts';
import { askRaw, type RawAnswer } from './ask-raw.ts';
import { recordedData } from './compare.ts';
import { RELEASES, type RecordedAnswer, readLines, releases } from './recorded.ts';

const STARTS = 3;
const ASKED_PER_START = 2;

const question = z.object({
  id: z.string(),
  type: z.string(),
  code: z.string().optional(),
  owner: z.string().optional(),
  qname: z.string(),
});
type Asked = z.infer<typeof question>;

const [about, ...lines] = readLines('own/questions');
const { zone_lines: zoneLines } = z.object({ zone_lines: z.array(z.string()) }).parse(about);
const asked = z.array(question).parse(lines);

const answers = new Map<string, Map<string, RecordedAnswer[]>>();
/** The releases by which lines go here, with the patch release that is installed. */
const answeredBy = new Map<string, string>();
const { servers } = await findServers();
for (const release of releases) {
  const binary = servers.find(({ line }) => line === RELEASES[release]);
  if (binary === undefined) throw new Error(`PowerDNS ${RELEASES[release]} is not installed`);
  answeredBy.set(release, binary.version);
  for (let start = 0; start < STARTS; start++) {
    const server = await startPowerDns({
      binary,
      api: false,
      zones: { 'example.org': zoneText('example.org.', zoneLines), 'forward.test': zoneText('forward.test.', []) },
      // Instructions are not counted here.
      settings: {
        'any-to-tcp': 'no',
        ...(PROFILES[RELEASES[release]].execLimit ? { 'lua-records-exec-limit': '0' } : {}),
      },
    });
    try {
      for (const question of asked) await put(question, server, release);
    } finally {
      await server.stop();
    }
  }
}

const vectors = asked.flatMap((question) => {
  const observed = observations(answers.get(question.id) ?? new Map());
  if (/0x[0-9a-f]{6,}/.test(JSON.stringify(observed))) return [];
  const { id, type, code, owner, qname } = question;
  return [{ id, type, code, owner, query: { qname, qtype: type }, observed }];
});
writeFileSync(new URL('./own/recorded.jsonl', import.meta.url), recordingText(vectors));
console.log(`${vectors.length} of ${asked.length} questions recorded`);

async function put(question: Asked, server: RunningPowerDns, release: string): Promise<void> {
  const perRelease = answers.get(question.id) ?? new Map<string, RecordedAnswer[]>();
  answers.set(question.id, perRelease);
  const list = perRelease.get(release) ?? [];
  perRelease.set(release, list);
  for (let i = 0; i < ASKED_PER_START; i++) {
    const reply = await askRaw(server, question.qname, typeNumber(question.type) ?? 0);
    const ttl = [...new Set(reply.answers.map(({ ttlSeconds }) => ttlSeconds))].sort((a, b) => a - b);
    list.push({
      rcode: reply.rcode,
      answers: reply.answers.map((answer) => text(answer, question.type)).sort(),
      ...(ttl.length > 0 ? { ttl } : {}),
    });
  }
}

function text({ type, rdata }: RawAnswer, asked: string): string {
  const name = typeName(type);
  const shown = presentRdata(name, rdata);
  if (shown === undefined) return `${name} ${rdata.toString('hex')}`;
  return name === asked ? recordedData(name, shown) : `${name} ${recordedData(name, shown)}`;
}

/** One answer each, or how often each of several; `all` where the releases agree. */
function observations(perRelease: ReadonlyMap<string, readonly RecordedAnswer[]>): Record<string, unknown> {
  const entries = [...perRelease].map(([release, list]) => [release, summary(list)] as const);
  const [first] = entries;
  const same = entries.every(([, outcome]) => JSON.stringify(outcome) === JSON.stringify(first?.[1]));
  return same && first !== undefined ? { all: first[1] } : Object.fromEntries(entries);
}

function summary(list: readonly RecordedAnswer[]): unknown {
  const counted = Map.groupBy(list, (answer) => JSON.stringify(answer));
  const distinct = [...counted.values()].flatMap((same) =>
    same[0] === undefined ? [] : [{ ...same[0], count: same.length }],
  );
  const [only, ...others] = distinct;
  if (only === undefined) throw new Error('no answer');
  const { count: _count, ...answer } = only;
  return others.length === 0 ? answer : { distribution: distinct };
}

function zoneText(zone: string, extra: readonly string[]): string {
  const lines = new Set<string>();
  for (const { owner, qname, type, code } of asked) {
    const name = owner ?? qname;
    if (code !== undefined && name.endsWith(`.${zone}`)) lines.add(`${name} 60 IN LUA ${type} "${code}"`);
  }
  const apex =
    '@ 3600 IN SOA ns1.example.org. hostmaster.example.org. 1 10800 3600 604800 60\n@ 3600 IN NS ns1.example.org.';
  return [apex, ...extra, ...lines].join('\n');
}

function recordingText(vectors: readonly unknown[]): string {
  const meta = {
    about: 'answers to own/questions.jsonl, made by record.ts',
    answered_by: Object.fromEntries(answeredBy),
    zone_lines: zoneLines,
  };
  return [meta, ...vectors].map((line) => `${JSON.stringify(line)}\n`).join('');
}

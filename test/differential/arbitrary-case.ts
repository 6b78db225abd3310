/** A few records around one name and what clients ask about them, at random. */
import fc, { type Arbitrary } from 'fast-check';
import type { Profile } from '../../simulator/profile/profile.ts';
import { arbitraryCode, RECORD_TYPES, type RecordType } from './arbitrary-lua.ts';

export const ZONE = 'fuzz.test';

/** What one client asks. */
export interface FuzzQuestion {
  readonly name: string;
  readonly type: string;
  /** The client's network, as text. */
  readonly ecs: string | undefined;
  /** The address that asks. */
  readonly from: string;
  readonly tcp: boolean;
  readonly edns: boolean;
  readonly dnssecOk: boolean;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
}

/** Lines of a zone file and questions about them. No other case has records at their names. */
export interface FuzzCase {
  readonly lines: readonly string[];
  readonly questions: readonly FuzzQuestion[];
}

/** Stands for the label of the case until it has one. */
const LABEL = '@@';
export const SOURCES = ['127.0.0.1', '127.0.0.2', '127.9.8.7'] as const;

/** Cases of `labels.length`, always the same for the same seed. */
export function casesOf(arbitrary: Arbitrary<FuzzCase>, seed: number, labels: readonly string[]): FuzzCase[] {
  return fc.sample(arbitrary, { seed, numRuns: labels.length }).map(({ lines, questions }, i) => ({
    lines: lines.map((line) => line.replaceAll(LABEL, labels[i] ?? '')),
    questions: questions.map((question) => ({ ...question, name: question.name.replaceAll(LABEL, labels[i] ?? '') })),
  }));
}

export function arbitraryCase(profile: Profile, questionsPerCase: number): Arbitrary<FuzzCase> {
  const byType = new Map(RECORD_TYPES.map((type) => [type, arbitraryCode(type, profile)]));
  const type = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom<RecordType>('A', 'TXT', 'TXT') },
    { weight: 3, arbitrary: fc.constantFrom<RecordType>('AAAA', 'CNAME', 'PTR') },
    { weight: 1, arbitrary: fc.constantFrom<RecordType>('MX', 'SRV', 'CAA', 'LOC', 'SPF') },
  );
  const owner = fc.oneof(
    { weight: 5, arbitrary: fc.constant(LABEL) },
    { weight: 3, arbitrary: fc.constant(`*.${LABEL}`) },
    { weight: 1, arbitrary: fc.constant(`a.${LABEL}`) },
  );
  return fc.tuple(type, owner).chain(([mainType, mainOwner]) => {
    const code = byType.get(mainType) ?? fc.constant('nil');
    const main = luaLine(mainOwner, mainType, code);
    const beside = fc.array(lineBeside(mainOwner, byType), { maxLength: 3 });
    const questions = fc.array(arbitraryQuestion(mainType), {
      minLength: questionsPerCase,
      maxLength: questionsPerCase,
    });
    return fc
      .tuple(main, beside, questions)
      .map(([first, others, asked]) => ({ lines: withoutConflicts([first, ...others]), questions: asked }));
  });
}

const TTL = fc.constantFrom(0, 30, 60, 60, 300, 86_400);

function luaLine(owner: string, type: string, code: Arbitrary<string>): Arbitrary<string> {
  const cut = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(400));
  return fc.tuple(TTL, code, cut).map(([ttl, text, at]) => `${owner} ${ttl} IN LUA ${type} ${chunks(text, at)}`);
}

/** Code in one chunk, or in two that meet at `at`, which need not be a good place. */
function chunks(code: string, at: number): string {
  return at === 0 || at >= code.length ? `"${code}"` : `"${code.slice(0, at)}" "${code.slice(at)}"`;
}

function lineBeside(owner: string, byType: ReadonlyMap<RecordType, Arbitrary<string>>): Arbitrary<string> {
  const fixed = fc.constantFrom(
    ...['A 192.0.2.1', 'A 192.0.2.99', 'AAAA 2001:db8::7', 'TXT "fixed"', 'MX 10 mail.example.org.', 'TXT "a" "b c"'],
    ...['CAA 0 issue "x.test"', 'SRV 1 2 3 a.test.', 'PTR fixed.test.'],
  );
  const alias = fc.constantFrom(`t.${LABEL}.${ZONE}`, `x.${LABEL}.${ZONE}.`, 'far.example.org', `c.${LABEL}.${ZONE}`);
  const aliasCode = fc.oneof(
    alias.map((target) => `'${target}'`),
    fc.constantFrom('{}', `{'t.${LABEL}.${ZONE}','far.example.org'}`, `tcp and 't.${LABEL}.${ZONE}' or {}`),
  );
  const anotherType = fc.constantFrom<RecordType>('A', 'TXT', 'AAAA');
  return fc.oneof(
    fc.tuple(TTL, fixed).map(([ttl, data]) => `${owner} ${ttl} IN ${data}`),
    fc.tuple(TTL, fixed).map(([ttl, data]) => `t.${LABEL} ${ttl} IN ${data}`),
    anotherType.chain((type) => luaLine(owner, type, byType.get(type) ?? fc.constant('nil'))),
    luaLine(owner, 'CNAME', aliasCode),
    luaLine(`t.${LABEL}`, 'A', byType.get('A') ?? fc.constant('nil')),
    fc.tuple(TTL, alias).map(([ttl, target]) => `c.${LABEL} ${ttl} IN CNAME ${target.replace(/\.?$/, '.')}`),
    TTL.map((ttl) => `c.${LABEL} ${ttl} IN CNAME ${LABEL}`),
    fc.constant(`sub.${LABEL} 60 IN NS ns.example.org.`),
    fc.constant(`deep.er.${LABEL} 60 IN A 192.0.2.50`),
  );
}

/** One static alias a name, and each line once. */
function withoutConflicts(lines: readonly string[]): string[] {
  const aliases = new Set<string>();
  return [...new Set(lines)].filter((line) => {
    const [owner = '', , , type] = line.split(' ');
    if (type !== 'CNAME') return true;
    return aliases.has(owner) ? false : aliases.add(owner);
  });
}

const NAMES = [
  ...[LABEL, LABEL, LABEL, LABEL, `x.${LABEL}`, `x.${LABEL}`, `X.y.${LABEL}`, `a.${LABEL}`, `c.${LABEL}`, `t.${LABEL}`],
  ...[
    `sub.${LABEL}`,
    `q.sub.${LABEL}`,
    `er.${LABEL}`,
    `q.er.${LABEL}`,
    `*.${LABEL}`,
    `Mixed.Case.${LABEL}`,
    `none.t.${LABEL}`,
  ],
  ...[`1-2-3-4.${LABEL}`, `1.2.3.4.${LABEL}`, `4.3.2.1.${LABEL}`, `ip7f000001.${LABEL}`, `ip-192-0-2-9.${LABEL}`],
  ...[`300-1-2-3.${LABEL}`, `c0a80001.${LABEL}`, `zz7f00000g.${LABEL}`, `10-1-0-1.${LABEL}`, `7.${LABEL}`],
  ...[`10-1-0-1.10-2-0-1.203-0-113-9.${LABEL}`, `2001-db8--1.${LABEL}`, `2001.db8.0.0.0.0.0.1.${LABEL}`],
  ...[
    `20010db8000000000000000000000001.${LABEL}`,
    `1.0.113.203.${LABEL}`,
    `9.2.0.192.x.${LABEL}`,
    `01-02-03-04.${LABEL}`,
  ],
  `${'1.'.padEnd(48, '0.')}8.b.d.0.1.0.0.2.${LABEL}`,
  `a.b.c.d.e.f.0.1.2.3.4.5.6.7.8.9.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.${LABEL}`,
  `${LABEL}-none`,
];

const CLIENTS: Arbitrary<string | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(
    ...[
      '203.0.113.0/24',
      '198.51.100.0/22',
      '192.0.2.0/25',
      '192.0.2.128/25',
      '10.18.0.128/25',
      '10.0.0.0/8',
      '0.0.0.0/0',
    ],
    ...['2001:db8:1::/48', '2001:db8:2:3::/64', '::/0', '2001:db8::/32', '192.0.2.1/32', '2001:db8:1::1/128'],
    ...['::ffff:192.0.2.0/120'],
  ),
  fc
    .tuple(fc.nat(31), fc.nat(255), fc.integer({ min: 9, max: 32 }))
    .map(([net, host, bits]) => `10.${net}.${host}.${host}/${bits}`),
  fc.tuple(fc.nat(223), fc.nat(255), fc.nat(255)).map(([a, b, c]) => `${a}.${b}.${c}.0/24`),
  fc.tuple(fc.nat(65_535), fc.integer({ min: 20, max: 64 })).map(([a, bits]) => `2001:db8:${a.toString(16)}::/${bits}`),
);

const seldom = (weight: number) => fc.oneof({ weight, arbitrary: fc.constant(false) }, fc.constant(true));

function arbitraryQuestion(mainType: RecordType): Arbitrary<FuzzQuestion> {
  const type = fc.oneof(
    { weight: 12, arbitrary: fc.constant<string>(mainType) },
    { weight: 3, arbitrary: fc.constantFrom('A', 'AAAA', 'TXT', 'CNAME', 'MX', 'PTR') },
    { weight: 1, arbitrary: fc.constantFrom('ANY', 'SOA', 'NS', 'LUA', 'SRV', 'CAA', 'HINFO', 'TYPE65280') },
  );
  const name = fc.tuple(fc.constantFrom(...NAMES), seldom(5)).map(([text, isLoud]) => {
    const absolute = `${text}.${ZONE}.`;
    return isLoud ? absolute.toUpperCase() : absolute;
  });
  return fc
    .record({
      name,
      type,
      ecs: CLIENTS,
      from: fc.constantFrom(...SOURCES),
      tcp: seldom(30),
      edns: fc.boolean(),
      dnssecOk: seldom(8),
      recursionDesired: seldom(4),
      checkingDisabled: seldom(8),
    })
    .map((drawn) => ({
      ...drawn,
      edns: drawn.edns || drawn.ecs !== undefined || drawn.dnssecOk,
    }));
}

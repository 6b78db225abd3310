/** A few records around one name and what clients ask about them, at random. */
import fc, { type Arbitrary } from 'fast-check';
import type { Profile } from '../../simulator/profile/profile.ts';
import { arbitraryCode } from './arbitrary-lua.ts';
import { arbitraryQuestion, type FuzzQuestion, LABEL, OTHER_ZONE, ZONE } from './arbitrary-question.ts';
import { RECORD_TYPES, type RecordType } from './arbitrary-values.ts';

/** Lines of a zone file and questions about them. No other case has records at their names. */
export interface FuzzCase {
  readonly lines: readonly string[];
  readonly questions: readonly FuzzQuestion[];
}

/** Cases of `labels.length`, always the same for the same seed. */
export function casesOf(arbitrary: Arbitrary<FuzzCase>, seed: number, labels: readonly string[]): FuzzCase[] {
  return fc.sample(arbitrary, { seed, numRuns: labels.length }).map(({ lines, questions }, i) => ({
    lines: lines.map((line) => line.replaceAll(LABEL, labels[i] ?? '')),
    questions: questions.map((question) => ({ ...question, name: question.name.replaceAll(LABEL, labels[i] ?? '') })),
  }));
}

const OWNERS: Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(LABEL) },
  { weight: 8, arbitrary: fc.constant(`*.${LABEL}`) },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom('a', '*.a', '1-2-3-4', '4.3.2.1', 't', '*.t', '*.*', 'ip7f000001')
      .map((name) => `${name}.${LABEL}`),
  },
);

export function arbitraryCase(profile: Profile, questionsPerCase: number): Arbitrary<FuzzCase> {
  const byType = new Map(RECORD_TYPES.map((type) => [type, arbitraryCode(type, profile)]));
  const type = fc.oneof(
    { weight: 16, arbitrary: fc.constantFrom<RecordType>('A', 'TXT', 'TXT') },
    { weight: 6, arbitrary: fc.constantFrom<RecordType>('AAAA', 'CNAME', 'PTR') },
    {
      weight: 3,
      arbitrary: fc.constantFrom<RecordType>('MX', 'SRV', 'CAA', 'LOC', 'SPF', 'NS', 'HTTPS', 'NAPTR', 'TLSA'),
    },
  );
  return fc.tuple(type, OWNERS).chain(([mainType, mainOwner]) => {
    const code = byType.get(mainType) ?? fc.constant('nil');
    const main = luaLine(mainOwner, mainType, code);
    const beside = fc.array(linesBeside(mainOwner, byType), { maxLength: 3 }).map((lines) => lines.flat());
    const questions = fc.array(arbitraryQuestion(mainType, mainOwner), {
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
  const odd = fc.oneof(
    { weight: 24, arbitrary: fc.constant('') },
    fc.constantFrom('\\065', '\\\\', '\\\\065', '\\x', '\\300', '\\7', '\\"', '\\032', '\\;'),
  );
  return fc
    .tuple(TTL, code, cut, odd, fc.nat(60))
    .map(
      ([ttl, text, at, inserted, oddAt]) =>
        `${owner} ${ttl} IN LUA ${type} ${chunks(withInserted(text, inserted, oddAt), at)}`,
    );
}

/** With something inserted, most often an escape. */
function withInserted(code: string, inserted: string, at: number): string {
  return `${code.slice(0, at)}${inserted}${code.slice(at)}`;
}

/** Code in one chunk, or in two that meet at `at`, which need not be a good place but is none within an escape. */
function chunks(code: string, at: number): string {
  const isWhole = at === 0 || at >= code.length || code.includes('\\');
  return isWhole ? `"${code}"` : `"${code.slice(0, at)}" "${code.slice(at)}"`;
}

const FIXED_DATA = fc.constantFrom(
  ...['A 192.0.2.1', 'A 192.0.2.99', 'AAAA 2001:db8::7', 'TXT "fixed"', 'MX 10 mail.example.org.', 'TXT "a" "b c"'],
  ...['CAA 0 issue "x.test"', 'SRV 1 2 3 a.test.', 'PTR fixed.test.', 'HTTPS 1 . alpn=h2', 'TXT "\\065 \\"q\\" \\200"'],
  ...['NAPTR 1 2 "u" "x" "!.*!y!" .', 'HINFO "a" "b"', 'TLSA 3 1 1 abcd', 'LOC 51 56 0.123 N 5 54 0 E 4m', 'MX 0 .'],
);

/** Code that others include, and what includes it. */
const INCLUDED = [
  ...[
    "cfg='192.0.2.1'",
    "function f() return '192.0.2.2' end",
    "cfg=pickrandom({'192.0.2.1','192.0.2.2'})",
    'nonsense(',
  ],
  ...[
    ";cfg='192.0.2.3'",
    "error('x')",
    'return 5',
    'cfg=countryCode()',
    'qname=nil',
    'cfg=qname:toString()',
    'local cfg=1',
  ],
];
const INCLUDING = [
  ...[`; include('inc.${LABEL}') return cfg`, `; include('inc.${LABEL}') return tostring(cfg)`],
  ...[`; include('inc.${LABEL}') return f and f() or '192.0.2.9'`, `; include('none.${LABEL}') return '192.0.2.8'`],
  ...[
    `; include('INC.${LABEL}.') return cfg`,
    `; include('inc.${LABEL}') include('inc.${LABEL}') return cfg or 'none'`,
  ],
  ...[`; return tostring(include('inc.${LABEL}'))`, `include('inc.${LABEL}')`, `; include(1) return type(qname)`],
  ...[`; pcall(include, 'inc.${LABEL}') return tostring(cfg)`, `; include('*.${LABEL}') return 'x'`],
];

type CodeByType = ReadonlyMap<RecordType, Arbitrary<string>>;

function linesBeside(owner: string, byType: CodeByType): Arbitrary<string[]> {
  const including = fc
    .constantFrom<RecordType>('A', 'TXT')
    .chain((type) =>
      fc.tuple(
        luaLine(owner, type, fc.constantFrom(...INCLUDING)),
        luaLine(`inc.${LABEL}`, type, fc.constantFrom(...INCLUDED)),
      ),
    );
  return fc.oneof({ weight: 10, arbitrary: lineBeside(owner, byType).map((line) => [line]) }, including);
}

function lineBeside(owner: string, byType: CodeByType): Arbitrary<string> {
  const alias = fc.constantFrom(
    ...[`t.${LABEL}.${ZONE}`, `x.${LABEL}.${ZONE}.`, 'far.example.org', `c.${LABEL}.${ZONE}`, `T.${LABEL}.${ZONE}`],
    ...[
      `fixed.${OTHER_ZONE}`,
      `none.${OTHER_ZONE}`,
      `x.w.${OTHER_ZONE}`,
      `lua.${OTHER_ZONE}`,
      `1-2-3-4.w.${OTHER_ZONE}`,
    ],
    ...[`sub.${LABEL}.${ZONE}`, `${LABEL}.${ZONE}`, `y.a.${LABEL}.${ZONE}`],
  );
  const aliasCode = fc.oneof(
    alias.map((target) => `'${target}'`),
    fc.constantFrom('{}', `{'t.${LABEL}.${ZONE}','far.example.org'}`, `tcp and 't.${LABEL}.${ZONE}' or {}`),
    fc.constantFrom(
      `pickrandom({'t.${LABEL}.${ZONE}','fixed.${OTHER_ZONE}'})`,
      `'t.'..qname:toString()`,
      'qname:toString()',
    ),
  );
  const anotherType = fc.constantFrom<RecordType>('A', 'TXT', 'AAAA');
  const place = fc.oneof({ weight: 3, arbitrary: fc.constant(owner) }, OWNERS);
  return fc.oneof(
    fc.tuple(place, TTL, FIXED_DATA).map(([at, ttl, data]) => `${at} ${ttl} IN ${data}`),
    fc.tuple(TTL, FIXED_DATA).map(([ttl, data]) => `t.${LABEL} ${ttl} IN ${data}`),
    fc.tuple(place, anotherType).chain(([at, type]) => luaLine(at, type, byType.get(type) ?? fc.constant('nil'))),
    place.chain((at) => luaLine(at, 'CNAME', aliasCode)),
    luaLine(`t.${LABEL}`, 'A', byType.get('A') ?? fc.constant('nil')),
    fc
      .tuple(fc.oneof(fc.constant(`c.${LABEL}`), place), TTL, alias)
      .map(([at, ttl, target]) => `${at} ${ttl} IN CNAME ${target.replace(/\.?$/, '.')}`),
    TTL.map((ttl) => `c.${LABEL} ${ttl} IN CNAME ${LABEL}`),
    fc
      .constantFrom('NS ns.example.org.', 'NS ns.example.org.', 'DS 12345 13 1 ABCD')
      .map((data) => `sub.${LABEL} 60 IN ${data}`),
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

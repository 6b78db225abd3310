/**
 * Code of LUA records, at random: every record function, the variables, objects and libraries, and wrong arguments beside
 * right ones. Never code that harms a server: no endless loop, no `view` with an incomplete rule, nothing that reaches for
 * the host, and far fewer calls than the instruction limit allows.
 */
import type { Profile } from '../../simulator/profile/profile.ts';
import { condition, GEO_TEXT, NUMBER_TEXT, OBJECT_TEXT, pick, REVERSE, STRING_TEXT } from './arbitrary-calls.ts';
import { listOf, quoted, type Text, text, weighted, words } from './arbitrary-text.ts';
import { fitting, type RecordType, values } from './arbitrary-values.ts';

/** An expression that may answer for the type. */
function expression(type: RecordType, profile: Profile, depth: number): Text {
  const choices: [number, Text][] = [
    [6, pick(type, profile)],
    [2, fitting(type)],
    [2, values(type)],
  ];
  if (type === 'A') choices.push([4, words('createForward()')]);
  if (type === 'AAAA') choices.push([4, words('createForward6()')]);
  if (type === 'PTR' || type === 'CNAME') choices.push([8, REVERSE]);
  if (type === 'TXT') {
    choices.push([5, OBJECT_TEXT], [5, GEO_TEXT], [5, STRING_TEXT], [3, NUMBER_TEXT], [2, REVERSE]);
    choices.push([1, words('createForward()', 'createForward6()')]);
    choices.push([3, text`tostring(${condition(1)})`], [1, condition(0)]);
    if (depth > 0) choices.push([3, text`${STRING_TEXT}..'|'..${weighted([1, GEO_TEXT], [1, OBJECT_TEXT])}`]);
  }
  if (profile.functions.has('dblookup')) {
    choices.push([
      1,
      text`dblookup(${quoted(words('fuzz.test', 'ns1.fuzz.test', 'none.fuzz.test', 'x'))},pdns.${words('A', 'NS', 'TXT', 'SOA')})`,
    ]);
  }
  if (depth > 0) {
    const inner = expression(type, profile, depth - 1);
    choices.push([3, text`(${condition(1)} and ${inner} or ${inner})`]);
    choices.push([1, text`{${inner},${inner}}`], [1, text`pickrandom({${inner},${fitting(type)}})`]);
  }
  return weighted(...choices);
}

function statements(type: RecordType, profile: Profile): Text {
  const value = expression(type, profile, 1);
  return weighted(
    [3, text`; if ${condition(1)} then return ${value} else return ${value} end`],
    [
      2,
      text`; if ${condition(0)} then return ${value} elseif ${condition(0)} then return ${value} end return ${fitting(type)}`,
    ],
    [2, text`; local x=${value} return x`],
    [1, text`; local t={} for i=1,${words('0', '1', '3', '5')} do t[#t+1]=${fitting(type)} end return t`],
    [
      1,
      text`; local t={} for _,v in ipairs({${listOf(fitting(type), 0, 5)}}) do if ${condition(0)} then t[#t+1]=v end end return t`,
    ],
    [1, text`; local f=function(a,b) return a or b end return f(${words('nil', 'false', "'192.0.2.8'")},${value})`],
    [1, text`; local ok,v=pcall(function() return ${value} end) if ok then return v end return ${fitting(type)}`],
    [1, text`; local ok=pcall(function() return ${value} end) return tostring(ok)`],
    [1, text`; return ${value}`],
    [1, text`;${value}`],
    [1, text` return ${value}`],
    [1, text`${value} -- a comment`],
    [1, text`; return select(${words('1', '2', "'#'", '-1')},${value},${fitting(type)})`],
    [
      1,
      text`; local s=0 for i=1,${words('3', '10')} do s=s+i end return ${weighted([1, fitting(type)], [1, words('s')])}`,
    ],
  );
}

/** Functions that any arguments may be tried on; `view` may kill a server and checks need time to settle. */
const NOT_TRIED = new Set([
  ...['view', 'resolve', 'ifportup', 'ifurlup', 'ifurlextup', 'pickselfweighted', 'newDNSPacket', 'dupDNSPacket'],
  ...['newDR', 'newDRR', 'report', 'pdnsrandom', 'pdnslog', 'GeoIPQueryAttribute'],
]);

function wrongCall(type: RecordType, profile: Profile): Text {
  const argument = weighted(
    [
      3,
      words(
        'nil',
        'true',
        'false',
        '{}',
        '-1',
        '0',
        '3.7',
        "''",
        "'x'",
        '{{}}',
        '{true}',
        "{a='b'}",
        'qname',
        'bestwho',
      ),
    ],
    [1, words('function() end', '{1,2}', "{{1,'192.0.2.1'}}", "{{'a',1}}", '1e10', "'7'", 'newNMG({})', 'ecswho')],
    [2, values(type)],
    [1, fitting(type)],
  );
  const names = [...profile.functions].filter((name) => !NOT_TRIED.has(name)).sort();
  const call = text`${words(...names, 'noSuchFunction', 'pickchashed', 'dblookup')}(${listOf(argument, 0, 3)})`;
  return weighted([3, call], [1, text`tostring(${call})`], [1, text`type(${call})`]);
}

/** What no grammar of right code gives. */
const BROKEN: Text = words(
  ...[
    'nonsense(',
    'return',
    ';',
    '',
    'nil',
    'true',
    '{',
    'x.y.z',
    "error('x')",
    'pickrandom',
    'bestwho',
    'qname',
    '{nil}',
  ],
  ...["'a' 'b'", '1 2', "; return 'a','b'", 'return 1', '; x=1', "{{'a'}}", "{a='192.0.2.1'}", "{['1']='192.0.2.1'}"],
);

/** Code for a record of `type` on a server of `profile`. It holds no double quote and no backslash. */
export function arbitraryCode(type: RecordType, profile: Profile): Text {
  return weighted(
    [12, expression(type, profile, 1)],
    [6, statements(type, profile)],
    [2, wrongCall(type, profile)],
    [1, BROKEN],
  );
}

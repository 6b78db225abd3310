/**
 * Code of LUA records, at random: every record function, the variables, objects and libraries, and wrong arguments beside
 * right ones. Never code that harms a server: no endless loop, no `view` with an incomplete rule, nothing that reaches for
 * the host, and far fewer calls than the instruction limit allows.
 */
import fc, { type Arbitrary } from 'fast-check';
import type { Profile } from '../../simulator/profile/profile.ts';

/** The types that code is written for. */
export const RECORD_TYPES = [
  ...(['A', 'AAAA', 'TXT', 'CNAME', 'MX', 'PTR', 'SRV', 'CAA', 'LOC', 'SPF', 'NS', 'HTTPS', 'NAPTR', 'TLSA'] as const),
] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

type Text = Arbitrary<string>;

const words = (...values: readonly string[]): Text => fc.constantFrom(...values);

/** `one('mostly', 8, this) … ` reads worse than pairs of weight and choice. */
function weighted(...choices: readonly (readonly [weight: number, arbitrary: Text])[]): Text {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** Parts one after the other: `text\`f(${a},${b})\``. */
function text(literals: TemplateStringsArray, ...parts: readonly Text[]): Text {
  return fc
    .tuple(...parts)
    .map((drawn) => literals.reduce((all, literal, i) => all + (i === 0 ? '' : (drawn[i - 1] ?? '')) + literal, ''));
}

function listOf(element: Text, minLength: number, maxLength: number, separator = ','): Text {
  return fc.array(element, { minLength, maxLength }).map((elements) => elements.join(separator));
}

const quoted = (value: Text): Text => value.map((plain) => `'${plain}'`);

const IPV4 = words(
  ...['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '203.0.113.5', '203.0.113.200', '198.51.100.7', '10.1.0.1'],
  ...[
    '10.2.3.4',
    '10.3.0.1',
    '10.4.0.9',
    '10.5.5.5',
    '10.12.0.1',
    '10.13.1.1',
    '10.18.0.5',
    '10.18.0.200',
    '10.20.1.1',
  ],
);
const IPV6 = words('2001:db8:1::1', '2001:db8:2::5', '2001:db8::7', '::1', '2001:DB8:1:0::9', '::ffff:192.0.2.9');
const ODD_ADDRESS = words(
  ...['192.0.2.010', '203.28929', '1.2.3', '256.1.1.1', '', 'A 1.2.3.4', '192.0.2.1:53', ' 192.0.2.1', '0x7f.1'],
  ...['10.1.0.0/16', '[2001:db8::1]:53', '2001:db8::g', 'example.org', '1.2.3.4.5', '::', '0.0.0.0', '1.2.3.4 '],
);
const NETWORK = words(
  ...['192.0.2.0/24', '10.0.0.0/8', '10.18.0.0/25', '127.0.0.0/8', '0.0.0.0/0', '::/0', '2001:db8::/32', '10.1.2.3/16'],
  ...['203.0.113.5', '198.51.100.0/22', '::ffff:0:0/96', '10.2.0.0/15', '2001:db8:1::/48'],
);
const ODD_NETWORK = words('10.0.0.0/33', '!10.1.0.0/16', 'abc', '', '10.0.0.0/-1', '10.0.0.0/', '1.2.3/8');
const NAME = words('a.test', 'www.example.org.', 'x', 'Mail.Fuzz.Test', 't.fuzz.test.', 'fuzz.test', '*.fuzz.test');
const ODD_NAME = words('', '.', 'a..b', 'under_score.test', 'a b.test', '-x-.test');
const WORD = words(
  ...['ok', 'Hello World', 'a;b', '', 'x'.repeat(260), '100%', '%d', 'a,b,c', 'tab\ttab', 'UPPER', '  blanks  ', '0'],
);

/** `"u"` */
const QUOTED_U = 'string.char(34,117,34)';

/** Texts of bytes that code cannot hold as they are. */
const BYTES = words(
  ...['34', '97,34,32,34,98', '92', '92,48,54,53', '92,51,48,48', '10', '200', '0', '59', '40', '92,34', '9'].map(
    (codes) => `string.char(${codes})`,
  ),
  ...["('ab'):rep(300)", "('ab'):rep(900)", "'a'..string.char(92)..'.b'", "'('..string.char(34)..')'"],
);

const COUNTRY = words(
  ...["'nl'", "'NL'", "'us'", "{'nl','de'}", "{'jp','us','fr'}", "'unknown'", '{}', "'--'", "'br'"],
);
const CONTINENT = words("'EU'", "'na'", "{'AS','OC'}", "'unknown'", "{'eu'}", "'AF'");
const REGION = words("'CA'", "'nh'", "{'13','auk'}", "'b'", "'unknown'", '13', '{13}');
const AS_NUMBER = words('1136', "'3320'", "{15169,'1136'}", "'AS1136'", '64500', '4200000000', '{4200000000}');
const ATTRIBUTE = weighted(
  [3, words('0', '1', '2', '3', '4', '5', '6', '7', '8', '-1', "'3'", '3.5')],
  [
    3,
    words('City', 'Country', 'ASn', 'Continent', 'Region', 'Name', 'Location').map((n) => `GeoIPQueryAttribute.${n}`),
  ],
);
const FORMAT = words(
  ...['%1%-%2%-%3%-%4%.example.org', '%5%.example.org', 'ip%6%.example.org', '%%', '100%', '%1$s.x', '%4%', '%7%x', ''],
);
const FORMAT6 = words('%33%.example.org', '%34%-%35%-%41%.x', '%1%%2%%3%.x', '%42%', '%32%.y', 'static.x');

const NUMBER = words('0', '1', '2', '3', '5', '7', '-1', '10', '100', '1.9', '0.5', "'3'", "'3x'", '1e3', '2^31');

/** A value that fits the covered type nearly always. */
function fitting(type: RecordType): Text {
  switch (type) {
    case 'A':
      return quoted(weighted([14, IPV4], [1, ODD_ADDRESS]));
    case 'AAAA':
      return quoted(weighted([14, IPV6], [1, ODD_ADDRESS]));
    case 'TXT':
      return weighted([8, quoted(WORD)], [6, quoted(IPV4)], [2, NUMBER], [1, BYTES]);
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return quoted(weighted([9, NAME], [1, ODD_NAME]));
    case 'MX':
      return quoted(words('10 mail.example.org', '0 .', '5 Mail.Fuzz.Test.', '10', 'mail', '65535 a', '010 a.b'));
    case 'SRV':
      return quoted(words('0 5 5060 sip.example.org', '1 2 3 .', '1 2 3', '65535 0 443 a.b.'));
    case 'CAA':
      return quoted(words('0 issue letsencrypt.org', '128 iodef mailto:x', '0 issue', '1 tbs Unknown'));
    case 'LOC':
      return weighted(
        [1, words('latlonloc()')],
        [1, quoted(words('51 56 0.123 N 5 54 0.000 E 4.00m 1.00m 10000.00m 10.00m', '1 N 2 E 0m'))],
      );
    case 'SPF':
      return quoted(words('v=spf1 -all', 'ok'));
    case 'HTTPS':
      return quoted(
        words('1 . alpn=h2', '0 a.test', '1 . port=443 alpn=h2,h3', '2 X.test ipv4hint=192.0.2.1', '1', '1 . key9'),
      );
    case 'NAPTR':
      return weighted(
        [1, quoted(words('1 2 u x y .', '1 2'))],
        [2, words(`'1 2 '..${QUOTED_U}..' '..${QUOTED_U}..' '..${QUOTED_U}..' a.test'`)],
      );
    case 'TLSA':
      return quoted(words('3 1 1 abcd', '3 1 1 ABC', '3 1 1', '3 1 1 ab cd', '3 1 256 00', '3 1 1 zz'));
  }
}

function values(type: RecordType): Text {
  return weighted(
    [12, text`{${listOf(fitting(type), 1, 6)}}`],
    [1, text`{${listOf(fitting(type), 12, 32)}}`],
    [1, words('{}', "{'a',{'b'}}", '{nil}', "{'192.0.2.1',nil,'192.0.2.2'}", '{1,2,3}', "{[1]='192.0.2.1'}", 'nil')],
  );
}

function weightedValues(type: RecordType): Text {
  const weight = weighted([20, words('1', '2', '3', '5', '10', '80', '100')], [1, NUMBER]);
  const row = weighted(
    [24, text`{${weight},${fitting(type)}}`],
    [1, words('{}', '{1}', "{'192.0.2.1',1}", "{1,'192.0.2.1','extra'}", "'192.0.2.1'", "{weight=1,'x'}")],
  );
  return weighted([12, text`{${listOf(row, 1, 6)}}`], [2, text`{${listOf(row, 11, 31)}}`], [1, words('{}', 'nil')]);
}

/** A call that draws, hashes or chooses, and yields one value or a list. */
function pick(type: RecordType, profile: Profile): Text {
  const list = values(type);
  const rows = weightedValues(type);
  const rule = text`{{${quotedNetworks}},${text`{${listOf(fitting(type), 1, 3)}}`}}`;
  const addresses = text`{${listOf(quoted(weighted([20, IPV4], [4, IPV6], [1, ODD_ADDRESS])), 1, 6)}}`;
  const newer: [number, Text][] = profile.functions.has('picknamehashed')
    ? [
        [3, text`picknamehashed(${rows})`],
        [3, text`pickchashed(${rows})`],
      ]
    : [];
  return weighted(
    [3, text`pickrandom(${list})`],
    [3, text`pickhashed(${list})`],
    [2, text`pickrandomsample(${NUMBER},${list})`],
    [3, text`pickwrandom(${rows})`],
    [4, text`pickwhashed(${rows})`],
    [2, text`all(${list})`],
    [3, text`view({${listOf(rule, 1, 4)}})`],
    [4, text`pickclosest(${addresses})`],
    [2, words('closestMagic()')],
    [
      1,
      text`filterForward(${quoted(IPV4)},newNMG({${quotedNetworks}}),${quoted(weighted([3, IPV4], [1, words('')]))})`,
    ],
    [1, text`filterForward(${quoted(weighted([3, IPV4], [1, IPV6]))},newNMG({${quotedNetworks}}))`],
    ...newer,
  );
}

const quotedNetworks: Text = listOf(quoted(weighted([15, NETWORK], [1, ODD_NETWORK])), 1, 4);

const OBJECT_TEXT: Text = weighted(
  [3, words('bestwho', 'who').map((object) => `${object}:toString()`)],
  [1, words("(ecswho and ecswho:toString() or 'none')", "(ecswho and ecswho:getBits() or 'none')")],
  [1, words('localwho:toString()', 'tostring(localwho ~= nil)', 'who:toStringWithPort()', 'bestwho:getPort()')],
  [
    2,
    words('qname:toString()', 'qname:toStringNoDot()', 'zone:toString()', 'qname:countLabels()', 'qname:wirelength()'),
  ],
  [1, words('qname:makeRelative(zone):toString()', "table.concat(qname:getRawLabels(),'|')", 'qname:chopOff()')],
  [2, text`newCA(${quoted(weighted([4, IPV4], [2, IPV6], [2, ODD_ADDRESS]))}):toString()`],
  [1, text`newCA(${quoted(weighted([2, IPV6], [1, ODD_ADDRESS]))}):toStringWithPort()`],
  [
    1,
    text`newCAFromRaw(${words('bestwho:getRaw()', 'string.char(192,0,2,1)', "('x'):rep(16)", "'abc'", "''")}${words('', ',53', ",'x'")}):toStringWithPort()`,
  ],
  [
    1,
    text`(function() local g=newNMG({${quotedNetworks}}) g:addMask(${quoted(weighted([4, NETWORK], [1, ODD_NETWORK]))}) return tostring(g:match(bestwho)) end)()`,
  ],
  [
    1,
    text`(function() local s=newCAS() s:add(${quoted(weighted([3, IPV4], [1, ODD_ADDRESS]))}) return tostring(s:check(newCA(${quoted(IPV4)}))) end)()`,
  ],
  [
    1,
    text`newNetmask(${quoted(weighted([4, NETWORK], [1, ODD_NETWORK]))}):${words('getMaskedNetwork():toString', 'isIPv4', 'isIpv6', 'empty')}()`,
  ],
  [
    1,
    text`newQType(${quoted(words('A', 'aaaa', 'TYPE65', 'HTTPS', 'nonsense', ''))}):${words('getName', 'getCode')}()`,
  ],
  [
    1,
    text`tostring(dh:${words('getCD', 'getQDCOUNT', 'getOPCODE', 'getAA', 'getTC', 'getRCODE', 'getARCOUNT', 'getRA')}())`,
  ],
  [2, text`newNetmask(${quoted(weighted([5, NETWORK], [1, ODD_NETWORK]))}):toString()`],
  [1, text`newNetmask(${quoted(NETWORK)}):getNetwork():toString()`],
  [1, text`newNetmask(${quoted(NETWORK)}):getBits()`],
  [2, text`newDN(${quoted(weighted([4, NAME], [1, ODD_NAME]))}):toString()`],
  [1, text`newDN(${quoted(NAME)}):countLabels()`],
  [
    1,
    text`(function() local a=newCA(${quoted(IPV4)}) a:truncate(${words('0', '8', '20', '24', '31', '32')}) return a:toString() end)()`,
  ],
  [1, text`(function() local n=newDN(${quoted(NAME)}) n:chopOff() return n:toString() end)()`],
  [1, words('bestwho:getRaw():byte(1)', '#bestwho:getRaw()', 'newCA(bestwho:toString()):mapToIPv4():toString()')],
  [
    1,
    words('ednsPKTSize', 'tostring(tcp)', 'tostring(dnssecOK)', 'tostring(qtype)', 'type(dh)', 'tostring(dh:getRD())'),
  ],
);

const GEO_TEXT: Text = weighted(
  [4, words('countryCode()', 'continentCode()', 'regionCode()', 'latlon()', 'latlonloc()', 'latlonMagic()')],
  [3, text`geoiplookup(${quoted(weighted([5, IPV4], [2, IPV6], [1, ODD_ADDRESS]))},${ATTRIBUTE})`],
  [1, text`geoiplookup(bestwho:toString(),${ATTRIBUTE})`],
);

const SHORT: Text = quoted(words('abc', 'Hello World', '', 'a.b.c', 'x=1,y=2', '192.0.2.1', '%', '  t ', 'äö', '00'));
const INDEX: Text = words('0', '1', '2', '3', '-1', '-2', '100', '1.7');

const STRING_TEXT: Text = weighted(
  [2, text`string.${words('upper', 'lower', 'reverse', 'len')}(${SHORT})`],
  [2, text`(${SHORT}):sub(${INDEX},${INDEX})`],
  [
    2,
    text`string.format(${quoted(words('%d', '%5d', '%05.1f', '%x', '%X', '%s', '%10s|', '%-6s|', '%c', '%g', '%e', '%i%%', '%q', '%u', '%o'))},${weighted([4, NUMBER], [1, SHORT])})`,
  ],
  [1, text`string.format(${quoted(words('%s-%s', '%d.%d', '%2$s'))},${NUMBER},${weighted([1, NUMBER], [1, SHORT])})`],
  [
    2,
    text`(${SHORT}):gsub(${quoted(words('%.', '%d+', '[aeiou]', '(%w)(%w)', '^%s*', 'l', '', '.'))},${quoted(words('-', '', '%0%0', '<%1>', '%2'))})`,
  ],
  [2, text`tostring((${SHORT}):find(${quoted(words('b', '%d', '.', 'zz', '^a', 'o$'))}))`],
  [2, text`tostring((${SHORT}):match(${quoted(words('%a+', '(%d+)', '(.)(.)', '%S+$', '()b', '=(%w)'))}))`],
  [1, text`(${SHORT}):rep(${words('0', '1', '3', '-1', '40')})`],
  [1, text`tostring((${SHORT}):byte(${INDEX}))`],
  [1, text`string.char(${words('65', '65,66', '48', '97,98,99', '34', '255', '256', '-1')})`],
  [2, text`table.concat({${listOf(weighted([3, SHORT], [2, NUMBER]), 0, 5)}},${quoted(words(',', '', '. '))})`],
  [
    1,
    text`(function() local t={${listOf(NUMBER, 1, 5)}} table.sort(t,function(a,b) return tonumber(a) < tonumber(b) end) return table.concat(t,' ') end)()`,
  ],
  [
    1,
    text`(function() local t={${listOf(SHORT, 1, 4)}} table.insert(t,${words('1,', '')}'new') table.remove(t) return table.concat(t,'/')..#t end)()`,
  ],
  [1, text`(function() local s='' for w in (${SHORT}):gmatch('%w+') do s=s..w..';' end return s end)()`],
);

const NUMBER_TEXT: Text = weighted(
  [3, text`${NUMBER}${words('+', '-', '*', '/', '%', '^', ' .. ')}${NUMBER}`],
  [2, text`math.${words('floor', 'ceil', 'abs', 'sqrt', 'exp', 'deg', 'sin')}(${NUMBER})`],
  [1, text`math.${words('max', 'min', 'fmod', 'pow')}(${NUMBER},${NUMBER})`],
  [1, text`tostring(tonumber(${quoted(words('0x10', '1e2', ' 7 ', 'abc', '', '0b1', '.5', '08'))}))`],
  [1, text`tostring(tonumber(${quoted(words('ff', '10', 'zz', '7'))},${words('2', '8', '16', '36')}))`],
  [
    1,
    text`bit.${words('band', 'bor', 'bxor', 'lshift', 'rshift', 'arshift', 'rol', 'ror')}(${words('1', '255', '0xf0f0', '-1', '2^31', '1.5', "'7'")},${words('1', '3', '8', '31', '32', '-1')})`,
  ],
  [1, text`bit.${words('tobit', 'tohex', 'bnot', 'bswap')}(${words('1', '255', '-1', '2^32', '4294967295', "'16'")})`],
  [1, text`bit.tohex(${words('1', '255', '-1')},${words('0', '4', '-4', '8', '12')})`],
  [1, words('1/3', '1/0', '-1/0', '2^53', '0.1+0.2', '1e15', '123456789012345678', '-0', '1e100', '100/7', '0/0')],
);

function condition(depth: number): Text {
  const inner: [number, Text][] =
    depth === 0
      ? []
      : [
          [1, text`not ${condition(depth - 1)}`],
          [1, text`(${condition(depth - 1)} and ${condition(depth - 1)})`],
          [1, text`(${condition(depth - 1)} or ${condition(depth - 1)})`],
        ];
  return weighted(
    [4, text`netmask({${quotedNetworks}})`],
    [2, text`country(${COUNTRY})`],
    [2, text`continent(${CONTINENT})`],
    [1, text`region(${REGION})`],
    [1, text`asnum(${AS_NUMBER})`],
    [
      2,
      words('bestwho:isIPv4()', 'bestwho:isIPv6()', 'bestwho:isMappedIPv4()', 'tcp', 'dnssecOK', 'ecswho', 'localwho'),
    ],
    [1, text`newNMG({${quotedNetworks}}):match(bestwho)`],
    [1, text`newNetmask(${quoted(NETWORK)}):match(${weighted([2, words('bestwho:toString()')], [1, quoted(IPV4)])})`],
    [1, text`qname:${words('isPartOf', 'canonCompare')}(newDN(${quoted(NAME)}))`],
    [1, text`qname:equal(${quoted(NAME)})`],
    [1, words('qname:countLabels() > 3', 'ednsPKTSize < 600', "qname == newDN('x.fuzz.test')", 'bestwho == who')],
    [1, text`who:equal(newCA(${quoted(weighted([1, IPV4], [1, words('127.0.0.1')]))}))`],
    [1, text`${NUMBER}${words(' < ', ' == ', ' >= ', ' ~= ')}${NUMBER}`],
    ...inner,
  );
}

const REVERSE: Text = weighted(
  [4, text`createReverse(${quoted(FORMAT)})`],
  [2, text`createReverse(${quoted(FORMAT)},{['192.0.2.1']='one.example.org.',['1.2.3.4']='Four.example.org'})`],
  [3, text`createReverse6(${quoted(FORMAT6)})`],
  [1, text`createReverse6(${quoted(FORMAT6)},{['2001:db8::1']='one.example.org.'})`],
);

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

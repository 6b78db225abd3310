/** Calls of the functions of records, and of the objects and libraries that code has. */
import type { Profile } from '../../simulator/profile/profile.ts';
import { listOf, quoted, type Text, text, weighted, words } from './arbitrary-text.ts';
import {
  AS_NUMBER,
  ATTRIBUTE,
  CONTINENT,
  COUNTRY,
  FORMAT,
  FORMAT6,
  fitting,
  IPV4,
  IPV6,
  NAME,
  NETWORK,
  NUMBER,
  ODD_ADDRESS,
  ODD_NAME,
  ODD_NETWORK,
  REGION,
  type RecordType,
  values,
  weightedValues,
} from './arbitrary-values.ts';

/** A call that draws, hashes or chooses, and yields one value or a list. */
export function pick(type: RecordType, profile: Profile): Text {
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

export const quotedNetworks: Text = listOf(quoted(weighted([15, NETWORK], [1, ODD_NETWORK])), 1, 4);

export const OBJECT_TEXT: Text = weighted(
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

export const GEO_TEXT: Text = weighted(
  [4, words('countryCode()', 'continentCode()', 'regionCode()', 'latlon()', 'latlonloc()', 'latlonMagic()')],
  [3, text`geoiplookup(${quoted(weighted([5, IPV4], [2, IPV6], [1, ODD_ADDRESS]))},${ATTRIBUTE})`],
  [1, text`geoiplookup(bestwho:toString(),${ATTRIBUTE})`],
);

export const SHORT: Text = quoted(
  words('abc', 'Hello World', '', 'a.b.c', 'x=1,y=2', '192.0.2.1', '%', '  t ', 'äö', '00'),
);
export const INDEX: Text = words('0', '1', '2', '3', '-1', '-2', '100', '1.7');

export const STRING_TEXT: Text = weighted(
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

export const NUMBER_TEXT: Text = weighted(
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

export function condition(depth: number): Text {
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

export const REVERSE: Text = weighted(
  [4, text`createReverse(${quoted(FORMAT)})`],
  [2, text`createReverse(${quoted(FORMAT)},{['192.0.2.1']='one.example.org.',['1.2.3.4']='Four.example.org'})`],
  [3, text`createReverse6(${quoted(FORMAT6)})`],
  [1, text`createReverse6(${quoted(FORMAT6)},{['2001:db8::1']='one.example.org.'})`],
);

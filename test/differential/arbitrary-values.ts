/** Values of every type of record, right ones and odd ones, as Lua writes them. */
import { listOf, quoted, type Text, text, weighted, words } from './arbitrary-text.ts';

/** The types that code is written for. */
export const RECORD_TYPES = [
  ...(['A', 'AAAA', 'TXT', 'CNAME', 'MX', 'PTR', 'SRV', 'CAA', 'LOC', 'SPF', 'NS', 'HTTPS', 'NAPTR', 'TLSA'] as const),
] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

export const IPV4 = words(
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
export const IPV6 = words(
  '2001:db8:1::1',
  '2001:db8:2::5',
  '2001:db8::7',
  '::1',
  '2001:DB8:1:0::9',
  '::ffff:192.0.2.9',
);
export const ODD_ADDRESS = words(
  ...['192.0.2.010', '203.28929', '1.2.3', '256.1.1.1', '', 'A 1.2.3.4', '192.0.2.1:53', ' 192.0.2.1', '0x7f.1'],
  ...['10.1.0.0/16', '[2001:db8::1]:53', '2001:db8::g', 'example.org', '1.2.3.4.5', '::', '0.0.0.0', '1.2.3.4 '],
);
export const NETWORK = words(
  ...['192.0.2.0/24', '10.0.0.0/8', '10.18.0.0/25', '127.0.0.0/8', '0.0.0.0/0', '::/0', '2001:db8::/32', '10.1.2.3/16'],
  ...['203.0.113.5', '198.51.100.0/22', '::ffff:0:0/96', '10.2.0.0/15', '2001:db8:1::/48'],
);
export const ODD_NETWORK = words('10.0.0.0/33', '!10.1.0.0/16', 'abc', '', '10.0.0.0/-1', '10.0.0.0/', '1.2.3/8');
export const NAME = words(
  'a.test',
  'www.example.org.',
  'x',
  'Mail.Fuzz.Test',
  't.fuzz.test.',
  'fuzz.test',
  '*.fuzz.test',
);
export const ODD_NAME = words('', '.', 'a..b', 'under_score.test', 'a b.test', '-x-.test');
export const WORD = words(
  ...['ok', 'Hello World', 'a;b', '', 'x'.repeat(260), '100%', '%d', 'a,b,c', 'tab\ttab', 'UPPER', '  blanks  ', '0'],
);

/** `"u"` */
export const QUOTED_U = 'string.char(34,117,34)';

/** Texts of bytes that code cannot hold as they are. */
export const BYTES = words(
  ...['34', '97,34,32,34,98', '92', '92,48,54,53', '92,51,48,48', '10', '200', '0', '59', '40', '92,34', '9'].map(
    (codes) => `string.char(${codes})`,
  ),
  ...["('ab'):rep(300)", "('ab'):rep(900)", "'a'..string.char(92)..'.b'", "'('..string.char(34)..')'"],
);

export const COUNTRY = words(
  ...["'nl'", "'NL'", "'us'", "{'nl','de'}", "{'jp','us','fr'}", "'unknown'", '{}', "'--'", "'br'"],
);
export const CONTINENT = words("'EU'", "'na'", "{'AS','OC'}", "'unknown'", "{'eu'}", "'AF'");
export const REGION = words("'CA'", "'nh'", "{'13','auk'}", "'b'", "'unknown'", '13', '{13}');
export const AS_NUMBER = words('1136', "'3320'", "{15169,'1136'}", "'AS1136'", '64500', '4200000000', '{4200000000}');
export const ATTRIBUTE = weighted(
  [3, words('0', '1', '2', '3', '4', '5', '6', '7', '8', '-1', "'3'", '3.5')],
  [
    3,
    words('City', 'Country', 'ASn', 'Continent', 'Region', 'Name', 'Location').map((n) => `GeoIPQueryAttribute.${n}`),
  ],
);
export const FORMAT = words(
  ...['%1%-%2%-%3%-%4%.example.org', '%5%.example.org', 'ip%6%.example.org', '%%', '100%', '%1$s.x', '%4%', '%7%x', ''],
);
export const FORMAT6 = words('%33%.example.org', '%34%-%35%-%41%.x', '%1%%2%%3%.x', '%42%', '%32%.y', 'static.x');

export const NUMBER = words(
  '0',
  '1',
  '2',
  '3',
  '5',
  '7',
  '-1',
  '10',
  '100',
  '1.9',
  '0.5',
  "'3'",
  "'3x'",
  '1e3',
  '2^31',
);

/** A value that fits the covered type nearly always. */
export function fitting(type: RecordType): Text {
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

export function values(type: RecordType): Text {
  return weighted(
    [12, text`{${listOf(fitting(type), 1, 6)}}`],
    [1, text`{${listOf(fitting(type), 12, 32)}}`],
    [1, words('{}', "{'a',{'b'}}", '{nil}', "{'192.0.2.1',nil,'192.0.2.2'}", '{1,2,3}', "{[1]='192.0.2.1'}", 'nil')],
  );
}

export function weightedValues(type: RecordType): Text {
  const weight = weighted([20, words('1', '2', '3', '5', '10', '80', '100')], [1, NUMBER]);
  const row = weighted(
    [24, text`{${weight},${fitting(type)}}`],
    [1, words('{}', '{1}', "{'192.0.2.1',1}", "{1,'192.0.2.1','extra'}", "'192.0.2.1'", "{weight=1,'x'}")],
  );
  return weighted([12, text`{${listOf(row, 1, 6)}}`], [2, text`{${listOf(row, 11, 31)}}`], [1, words('{}', 'nil')]);
}

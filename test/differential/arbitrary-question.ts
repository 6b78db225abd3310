/** What clients ask about the names of a case, at random: names that records of every kind cover, networks, sizes. */
import fc, { type Arbitrary } from 'fast-check';
import type { RecordType } from './arbitrary-values.ts';

export const ZONE = 'fuzz.test';
/** Served beside it, and always the same: aliases lead there. */
export const OTHER_ZONE = 'other.test';
/** Stands for the label of the case until it has one. */
export const LABEL = '@@';
export const SOURCES = ['127.0.0.1', '127.0.0.2', '127.9.8.7'] as const;

/** What one client asks. */
export interface FuzzQuestion {
  readonly name: string;
  readonly type: string;
  /**
   * The client's network as text, after it `/scope N` where the client sends a scope; or the data of client subnet
   * options in hex, `0x` before each.
   */
  readonly ecs: string | undefined;
  /** The address that asks. */
  readonly from: string;
  readonly tcp: boolean;
  /** What the OPT record says that the client takes; undefined for a question without one. */
  readonly udpSize: number | undefined;
  readonly dnssecOk: boolean;
  readonly recursionDesired: boolean;
  readonly checkingDisabled: boolean;
}

/** Below a label: names that the functions which read names make something of, and others. */
const BELOW = [
  ...['x', 'x', 'X.y', 'er', 'q.er', '*', 'Mixed.Case', '1-2-3-4', '1.2.3.4', '4.3.2.1', 'ip7f000001', 'ip-192-0-2-9'],
  ...['300-1-2-3', 'c0a80001', 'zz7f00000g', '10-1-0-1', '7', '10-1-0-1.10-2-0-1.203-0-113-9', '2001-db8--1'],
  ...['2001.db8.0.0.0.0.0.1', '20010db8000000000000000000000001', '1.0.113.203', '9.2.0.192.x', '01-02-03-04'],
  ...['a.b.c.d.e.f.0.1.2.3.4.5.6.7.8.9.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2', `${'1.'.padEnd(48, '0.')}8.b.d.0.1.0.0.2`],
  ...[
    '1.2.3.4.5',
    '0x7f.0.0.1',
    '192-0-2',
    'a-1-2-3-4',
    '1--2-3-4',
    '-1-2-3-4',
    'ffffffff',
    '0.0.0.0',
    '--1',
    'ip0-0-0-0',
  ],
  ...['under_score', 'a/b', 'sp\\032ace', 'plus+', 'dot\\.dot', 'x'.repeat(63), 'a.*', '1.2.3.4.a', '9.8.7.6.t', 'x.a'],
  ...['2001-db8--g', '1.2.3.4.5.6.7.8', '10-1-0-1.x.10-2-0-1', '127.0.0.1.127.0.0.2', '10.2-3', '1-2', '256.0.0.1'],
];
const FIXED = [
  ...[
    '',
    '',
    'a.',
    'c.',
    't.',
    'sub.',
    'q.sub.',
    'none.t.',
    'deep.er.',
    'inc.',
    '1-2-3-4.',
    '4.3.2.1.',
    'q.c.',
    'x.a.',
  ],
];

/** Names that a record of `owner` answers for nearly always, else any name of the case. */
function nameFor(owner: string): Arbitrary<string> {
  const below = fc.constantFrom(...BELOW);
  const [wildcard, parent] = owner.startsWith('*.') ? [true, owner.slice(2)] : [false, owner];
  const covered = wildcard ? below.map((name) => `${name}.${parent}`) : fc.constant(owner);
  const anywhere = fc.oneof(
    fc.constantFrom(...FIXED).map((name) => `${name}${LABEL}`),
    below.map((name) => `${name}.${LABEL}`),
    fc.constant(`${LABEL}-none`),
  );
  return fc.oneof({ weight: 5, arbitrary: covered }, { weight: 3, arbitrary: anywhere });
}

const NETWORKS: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...['203.0.113.0/24', '198.51.100.0/22', '192.0.2.0/25', '192.0.2.128/25', '10.18.0.128/25', '10.0.0.0/8'],
    ...['0.0.0.0/0', '2001:db8:1::/48', '2001:db8:2:3::/64', '::/0', '2001:db8::/32', '192.0.2.1/32'],
    ...['2001:db8:1::1/128', '::ffff:192.0.2.0/120'],
  ),
  fc
    .tuple(fc.nat(31), fc.nat(255), fc.integer({ min: 9, max: 32 }))
    .map(([net, host, bits]) => `10.${net}.${host}.${host}/${bits}`),
  fc.tuple(fc.nat(223), fc.nat(255), fc.nat(255)).map(([a, b, c]) => `${a}.${b}.${c}.0/24`),
  fc.tuple(fc.nat(65_535), fc.integer({ min: 20, max: 64 })).map(([a, bits]) => `2001:db8:${a.toString(16)}::/${bits}`),
);

/** Options as no client should send them, and some that are good in spite of it. */
const ODD_SUBNETS = [
  ...[
    '0x00011400 0a0bff',
    '0x000118000a0b',
    '0x000118000a0b0c0d',
    '0x000120000a0b0c',
    '0x000121000a0b0c0d00',
    '0x0001',
  ],
  ...['0x00010000', '0x00020000', '0x0003180001020304', '0x00010800', '0x000108000a00', '0x', '0x0002300020010db8ffff'],
  ...[
    '0x000118000a0b0c0x00011800cb0071',
    '0x000118000a0b0c0x0001180001',
    '0x00010100ff',
    '0x0002810000',
    '0x000017000a0b0c',
  ],
].map((text) => text.replace(' ', ''));

const CLIENTS: Arbitrary<string | undefined> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(undefined) },
  { weight: 14, arbitrary: NETWORKS },
  { weight: 1, arbitrary: fc.constantFrom(...ODD_SUBNETS) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(NETWORKS, fc.constantFrom(1, 16, 24, 32, 33, 64, 128, 200, 255))
      .map((two) => two.join('/scope ')),
  },
);

const UDP_SIZES = fc.oneof(
  { weight: 8, arbitrary: fc.constant(1232) },
  { weight: 2, arbitrary: fc.constantFrom(0, 511, 512, 600, 1400, 4096, 65_535) },
);

const seldom = (weight: number) => fc.oneof({ weight, arbitrary: fc.constant(false) }, fc.constant(true));

/** Questions about the case of a record of `recordType` at `owner`. */
export function arbitraryQuestion(recordType: RecordType, owner: string): Arbitrary<FuzzQuestion> {
  const type = fc.oneof(
    { weight: 24, arbitrary: fc.constant<string>(recordType) },
    { weight: 6, arbitrary: fc.constantFrom('A', 'AAAA', 'TXT', 'CNAME', 'MX', 'PTR') },
    { weight: 2, arbitrary: fc.constant('ANY') },
    {
      weight: 1,
      arbitrary: fc.constantFrom('SOA', 'NS', 'LUA', 'SRV', 'CAA', 'HINFO', 'TYPE65280', 'DS', 'DS', 'HTTPS'),
    },
  );
  const name = fc.tuple(nameFor(owner), seldom(5)).map(([text, isLoud]) => {
    const absolute = `${text}.${ZONE}.`;
    return isLoud ? absolute.toUpperCase() : absolute;
  });
  return fc
    .record({
      name,
      type,
      ecs: CLIENTS,
      from: fc.constantFrom(...SOURCES),
      tcp: seldom(20),
      udpSize: fc.option(UDP_SIZES, { nil: undefined, freq: 3 }),
      dnssecOk: seldom(8),
      recursionDesired: seldom(4),
      checkingDisabled: seldom(8),
    })
    .map((drawn) =>
      drawn.udpSize === undefined && (drawn.ecs !== undefined || drawn.dnssecOk) ? { ...drawn, udpSize: 1232 } : drawn,
    );
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  formatPrefix,
  type IpAddress,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixOf,
} from '../../geoip/address.ts';
import { GeoDatabase } from '../../geoip/database.ts';
import { geoView, noGeo } from '../../geoip/location.ts';
import { type GeoNetwork, writeDatabase } from '../../geoip/writer.ts';
import { luaModule } from '../../wire/lua-module.ts';
import { seededUint32 } from '../chooser.ts';
import { type CheckStatus, DOWN, UP } from '../health/status.ts';
import { formatRational } from '../rational.ts';
import { answerPlaceOf, type ClientMap, clientMap } from './client-map.ts';
import { distributionKey } from './distribution.ts';
import { modelsOn, zoneOf } from './fixtures/zone-model.ts';
import { answerTexts } from './outcome.ts';
import { predict } from './predict.ts';

const modelOf = modelsOn(luaModule());
const [A, B, C] = ['192.0.2.1', '198.51.100.1', '203.0.113.1'] as const;

/** `prefix answer` lines of a map, `a 1/2 | b 1/2` where there are several. */
function linesOf(map: ClientMap, family: 4 | 6 = 4): string[] {
  const table = family === 4 ? map.ipv4 : map.ipv6;
  return Array.from({ length: table.size }, (_, i) => {
    const value = table.valueAt(i);
    const copy = map.copies[-1 - value];
    const text = copy === undefined ? textOf(map, value) : `as ${formatPrefix(copy)}`;
    return `${formatPrefix(table.prefixAt(i))} ${text}`;
  });
}

function textOf({ answers }: ClientMap, place: number): string {
  const { groups } = answers[place] ?? { groups: [] };
  const texts = groups.map(({ share, distribution }) => {
    const drawn = distribution.outcomes.map(({ outcome, probability }) => {
      const answer = answerTexts(outcome, 'A').join('+') || outcome.rcode;
      return distribution.outcomes.length === 1 ? answer : `${answer} ${formatRational(probability)}`;
    });
    return groups.length === 1 ? drawn.join(' or ') : `${formatRational(share)} get ${drawn.join(' or ')}`;
  });
  return texts.toSorted().join(' | ');
}

function mapOf(
  code: string,
  networks: readonly GeoNetwork[] | undefined,
  statusOf: (address: string) => CheckStatus = () => UP,
) {
  const databases = networks === undefined ? [] : [database(networks)];
  const server = modelOf(zoneOf(`a A ${code}`), '5.1', networks === undefined ? noGeo : geoView(databases));
  return clientMap({ question: QUESTION, server, databases, statusOf: (check) => statusOf(check.address) });
}

const QUESTION = { name: 'a.example.org.', type: 'A', ednsSize: 1232 };

function database(networks: readonly GeoNetwork[], label = 'test'): GeoDatabase {
  return GeoDatabase.fromBuffer(writeDatabase(networks), label);
}

const WORLD: readonly GeoNetwork[] = [
  { network: '10.0.0.0/8', country: 'NL' },
  { network: '11.0.0.0/8', country: 'NL' },
  { network: '12.0.0.0/8', country: 'SE' },
  { network: '12.1.0.0/16', country: 'NL' },
];

describe('the map of all clients', () => {
  test('has the fewest prefixes: networks that are answered alike are one', () => {
    expect(linesOf(mapOf(`country('NL') and '${A}' or '${B}'`, WORLD))).toEqual([
      `0.0.0.0/5 ${B}`,
      `8.0.0.0/7 ${B}`,
      `10.0.0.0/7 ${A}`,
      `12.0.0.0/16 ${B}`,
      `12.1.0.0/16 ${A}`,
      `12.2.0.0/15 ${B}`,
      ...['12.4.0.0/14', '12.8.0.0/13', '12.16.0.0/12', '12.32.0.0/11', '12.64.0.0/10', '12.128.0.0/9'].map(
        (p) => `${p} ${B}`,
      ),
      ...['13.0.0.0/8', '14.0.0.0/7', '16.0.0.0/4', '32.0.0.0/3', '64.0.0.0/2', '128.0.0.0/1'].map((p) => `${p} ${B}`),
    ]);
  });

  test('counts networks of the database, addresses and prefixes of each answer', () => {
    const { answers } = mapOf(`country('NL') and '${A}' or '${B}'`, WORLD);
    const counts = answers.map(({ networks, ipv4Addresses }) => [networks, ipv4Addresses]);
    expect(counts).toContainEqual([3, 2 ** 25 + 2 ** 16]);
    expect(counts.reduce((sum, [, addresses]) => sum + (addresses ?? 0), 0)).toBe(2 ** 32);
  });

  test('cuts a network where a mask of the record lies inside it, also one that only some clients are compared with', () => {
    const code = `country('SE') and (netmask({'12.2.0.0/16'}) and '${A}' or '${C}') or '${B}'`;
    const lines = linesOf(mapOf(code, WORLD));
    expect(lines).toContain(`12.2.0.0/16 ${A}`);
    expect(lines).toContain(`12.0.0.0/16 ${C}`);
    expect(lines).toContain(`12.1.0.0/16 ${B}`);
    expect(lines.at(-1)).toBe(`128.0.0.0/1 ${B}`);
  });

  test('without GeoIP has one answer for all, but for the masks', () => {
    expect(linesOf(mapOf(`pickrandom({'${A}','${B}'})`, undefined))).toEqual([`0.0.0.0/0 ${A} 1/2 or ${B} 1/2`]);
    expect(linesOf(mapOf(`netmask({'128.0.0.0/2'}) and '${A}' or '${B}'`, undefined))).toEqual([
      `0.0.0.0/1 ${B}`,
      `128.0.0.0/2 ${A}`,
      `192.0.0.0/2 ${B}`,
    ]);
  });

  test('follows the statuses', () => {
    const code = `ifportup(80, {'${A}','${B}'}, {selector='all'})`;
    expect(linesOf(mapOf(code, WORLD, (address) => (address === A ? DOWN : UP)))).toEqual([`0.0.0.0/0 ${B}`]);
  });

  test('does not guess what code makes of an address that it looks at itself', () => {
    const map = mapOf(`country('NL') and bestwho:toString() or '${B}'`, WORLD);
    expect(linesOf(map)).toContain('10.0.0.0/7 OPAQUE');
    expect(linesOf(map)).toContain(`12.0.0.0/16 ${B}`);
    expect(map.warnings.map(({ message }) => message)).toEqual([
      "a.example.org. A: the code looks at the client's address itself, so every address may be answered differently",
    ]);
  });
});

describe('clients that are told apart by the hash of their address', () => {
  test.each([
    [`pickhashed({'${A}','${B}'})`, `1/2 get ${A} | 1/2 get ${B}`],
    [`pickwhashed({{1,'${A}'},{3,'${B}'}})`, `1/4 get ${A} | 3/4 get ${B}`],
    [`pickhashed({'${A}','${A}'})`, A],
    // The same hash twice, by lists of the same length and of others.
    [`{pickhashed({'${A}','${B}'}), pickhashed({'${B}','${C}'})}`, `1/2 get ${A}+${B} | 1/2 get ${B}+${C}`],
    [
      `{pickhashed({'${A}','${B}'}), pickhashed({'${A}','${B}','${C}','${C}'})}`,
      `1/4 get ${A} | 1/4 get ${A}+${C} | 1/4 get ${B} | 1/4 get ${B}+${C}`,
    ],
    [
      `pickrandom({'${A}','${B}'}) == '${A}' and pickhashed({'${A}','${B}'}) or '${C}'`,
      `1/2 get ${A} 1/2 or ${C} 1/2 | 1/2 get ${B} 1/2 or ${C} 1/2`,
    ],
  ])('are groups with shares: %s', (code, expected) => {
    expect(linesOf(mapOf(code, WORLD))).toEqual([`0.0.0.0/0 ${expected}`]);
  });

  test('of two different rings are not guessed', () => {
    const ring = (first: string, second: string) => `pickchashed({{5,'${first}'},{7,'${second}'}})`;
    expect(linesOf(mapOf(`{${ring(A, B)}, ${ring(A, B)}}`, undefined))[0]).toMatch(/get .* \| .* get /);
    const map = mapOf(`{${ring(A, B)}, ${ring(B, C)}}`, undefined);
    expect(linesOf(map)).toEqual(['0.0.0.0/0 OPAQUE']);
    expect(map.warnings[0]?.message).toContain('whose shares together are not known');
  });
});

describe('IPv6', () => {
  test('is mapped too, and where it holds the IPv4 networks once more, it says so', () => {
    const map = mapOf(`country('NL') and '${A}' or '${B}'`, [...WORLD, { network: '2001:db8::/32', country: 'NL' }]);
    const lines = linesOf(map, 6);
    expect(lines[0]).toBe('::/96 as 0.0.0.0/0');
    expect(lines).toContain(`2001:db8::/32 ${A}`);
    expect(lines.at(-1)).toBe(`8000::/1 ${B}`);
  });

  test('has its own answers there where a mask tells families apart', () => {
    const map = mapOf(`netmask({'10.0.0.0/8'}) and '${C}' or country('NL') and '${A}' or '${B}'`, WORLD);
    expect(linesOf(map)).toContain(`10.0.0.0/8 ${C}`);
    expect(linesOf(map, 6)).toContain(`::10.0.0.0/103 ${A}`);
  });

  test('has its own answers in a place that holds the IPv4 networks once more and is a mask of the record', () => {
    const databases = [aliased(WORLD)];
    const server = modelOf(
      zoneOf(
        `a A netmask({'2002::/16'}) and (country('NL') and '${C}' or '${B}') or country('NL') and '${A}' or '${B}'`,
      ),
      '5.1',
      geoView(databases),
    );
    const map = clientMap({ question: QUESTION, server, databases, statusOf: () => UP });
    expect(linesOf(map, 6)[0]).toBe('::/96 as 0.0.0.0/0');
    expect(linesOf(map, 6)).toContain(`2002:a00::/23 ${C}`);
    expect(textOf(map, answerPlaceOf(map, addressOf('2002:a01:203::1')))).toBe(C);
    expect(textOf(map, answerPlaceOf(map, addressOf('::10.1.2.3')))).toBe(A);
  });
});

const CODES: readonly string[] = [
  `pickclosest({'${A}','${B}','${C}'})`,
  `ifportup(80, {'${A}','${B}','${C}'}, {selector='pickclosest'})`,
  `ifportup(80, {{'${A}'},{'${B}','${C}'}}, {selector='hashed'})`,
  `country({'NL','SE'}) and '${A}' or pickrandom({'${B}','${C}'})`,
  `continent('EU') and pickhashed({'${A}','${B}','${C}'}) or '${C}'`,
  `netmask({'MASK1','MASK2'}) and '${A}' or pickclosest({'${B}','${C}'})`,
  `view({{{'MASK1'},{'${A}','${B}'}},{{'MASK2','MASK3'},{'${C}'}}}) .. (country('NL') and '' or '')`,
  `;if country('NL') then if netmask({'MASK1'}) then return '${A}' end if netmask({'MASK2'}) then return pickclosest({'${B}','${C}'}) end end return asnum(64496) and '${C}' or '${B}'`,
  `{pickhashed({'${A}','${B}'}), pickwhashed({{1,'${B}'},{2,'${C}'}})}`,
  `pickrandom({'x','y'}) == 'x' and (netmask({'MASK1'}) and '${A}' or pickclosest({'${B}','${C}'})) or pickclosest({'${A}','${B}'})`,
  `pickchashed({{3,'${A}'},{5,'${B}'}})`,
  `newCA('192.0.2.' .. (#countryCode()))`,
];

describe('the map equals predictions for addresses at random', () => {
  const MAPS = 100;
  const ADDRESSES = 200;

  test(`in ${MAPS} worlds, ${MAPS * ADDRESSES} addresses in all`, () => {
    let compared = 0;
    for (const [seed, world] of fc.sample(arbitraryWorld(), { seed: 7, numRuns: MAPS }).entries()) {
      const { code, databases, masks, down } = world;
      const geo = databases.length === 0 ? noGeo : geoView(databases);
      const server = modelOf(zoneOf(`a A ${code}`), '5.1', geo);
      const statusOf = ({ address }: { address: string }) => (down.includes(address) ? DOWN : UP);
      const map = clientMap({ question: QUESTION, server, databases, statusOf });
      expectPartition(map);
      const dice = seededUint32(seed);
      const places = [...masks, ...world.networks.map((text) => prefixAt(text))];
      for (let i = 0; i < ADDRESSES; i++) {
        const client = addressNear(places, dice);
        const { groups } = map.answers[answerPlaceOf(map, client)] ?? { groups: [] };
        const predicted = predict({ ...QUESTION, client }, server, statusOf);
        const keys = groups.map(({ distribution }) => distributionKey(distribution));
        if (!keys.includes(distributionKey(predicted))) {
          expect.fail(`${formatAddress(client)} of ${code} in world ${seed}`);
        }
        compared++;
      }
    }
    expect(compared).toBe(MAPS * ADDRESSES);
  });

  function arbitraryWorld() {
    const octet = fc.integer({ min: 9, max: 12 });
    const network4 = fc
      .tuple(octet, fc.nat(3), fc.nat(255), fc.constantFrom(6, 8, 9, 10, 14, 16, 20, 24, 31, 32))
      .map(([a, b, c, length]) => formatPrefix(prefixOf(addressOf(`${a}.${b * 64}.${c}.1`), length)));
    const network6 = fc
      .tuple(
        fc.constantFrom('2001:db8', '2002:a00', '2002:b40', '0:0', '64:ff9b'),
        fc.nat(3),
        fc.constantFrom(16, 31, 33, 48, 64, 128),
      )
      .map(([start, b, length]) => formatPrefix(prefixOf(addressOf(`${start}:${b}::1`), length)));
    const network = fc.oneof({ weight: 3, arbitrary: network4 }, { weight: 1, arbitrary: network6 });
    const entry = fc
      .tuple(
        network,
        fc.constantFrom('NL', 'SE', 'US'),
        fc.integer({ min: -3, max: 3 }),
        fc.boolean(),
        fc.constantFrom(64496, 64497),
      )
      .map(
        ([text, country, lat, unknown, asn]): GeoNetwork => ({
          network: text,
          ...(unknown
            ? { unknown }
            : { country, continent: country === 'US' ? 'NA' : 'EU', lat: lat * 10, lon: lat * -7, asn }),
        }),
      );
    const servers: GeoNetwork[] = [A, B, C].map((address, i) => ({ network: address, lat: i * 20 - 20, lon: i * 9 }));
    const file = fc.record({
      entries: fc.array(entry, { minLength: 1, maxLength: 12 }),
      ipVersion: fc.constantFrom(6, 6, 4),
      isAliased: fc.boolean(),
    });
    return fc
      .record({
        code: fc.constantFrom(...CODES),
        masks: fc.tuple(network, network, network),
        files: fc.array(file, { minLength: 0, maxLength: 2 }),
        down: fc.subarray([A, B, C] as string[]),
      })
      .map(({ code, masks, files, down }) => ({
        code: code.replace(/MASK(\d)/g, (_, number) => masks[Number(number) - 1] ?? ''),
        masks: masks.map(prefixAt),
        networks: files.flatMap(({ entries }) => entries.map((each) => each.network)),
        databases: files.map(({ entries, ipVersion, isAliased }) => {
          const own = [...entries, ...servers].filter(({ network: text }) => ipVersion === 6 || !text.includes(':'));
          return ipVersion === 6 && isAliased
            ? aliased(own)
            : GeoDatabase.fromBuffer(writeDatabase(own, { ipVersion: ipVersion as 4 | 6 }), 'file');
        }),
        down,
      }));
  }

  /** In or beside one of the places, or anywhere. */
  function addressNear(places: readonly Prefix[], dice: () => number): IpAddress {
    const place = places[dice() % (places.length + 1)];
    const family = place?.address.family ?? (dice() % 2 === 0 ? 4 : 6);
    const bytes = Uint8Array.from({ length: family === 4 ? 4 : 16 }, () => dice() & 0xff);
    if (place === undefined) return { family, bytes };
    const kept = Math.max(0, place.length - (dice() % 3));
    for (let bit = 0; bit < kept; bit++) {
      const mask = 0x80 >> (bit & 7);
      bytes[bit >> 3] = ((bytes[bit >> 3] ?? 0) & ~mask) | ((place.address.bytes[bit >> 3] ?? 0) & mask);
    }
    // Half of the IPv6 addresses below 2002::/16 and ::/96 shall meet an IPv4 network.
    if (family === 6 && dice() % 2 === 0)
      bytes.set([9 + (dice() % 4), (dice() % 4) * 64], place.address.bytes[1] === 2 ? 2 : 12);
    return { family, bytes };
  }

  function expectPartition(map: ClientMap): void {
    for (const table of [map.ipv4, map.ipv6]) {
      let next = 0n;
      const bits = table.family === 4 ? 32n : 128n;
      let before: { value: number; length: number; isLeft: boolean } | undefined;
      for (let i = 0; i < table.size; i++) {
        const { address, length } = table.prefixAt(i);
        const start = address.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
        expect(start).toBe(next);
        const size = 1n << (bits - BigInt(length));
        next = start + size;
        const value = table.valueAt(i);
        const isLeft = (start / size) % 2n === 0n;
        const couldBeOne =
          value >= 0 && !isLeft && before?.isLeft && before.value === value && before.length === length;
        expect(couldBeOne ?? false).toBe(false);
        before = { value, length, isLeft };
      }
      expect(next).toBe(1n << bits);
    }
  }
});

function prefixAt(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new TypeError(`'${text}' is no network`);
  return prefix;
}

function addressOf(text: string): IpAddress {
  const address = parseAddress(text);
  if (address === undefined) throw new TypeError(`'${text}' is no IP address`);
  return address;
}

/** As MaxMind's databases: 2002::/16 leads to the IPv4 networks. */
function aliased(networks: readonly GeoNetwork[]): GeoDatabase {
  const others = networks.filter(({ network }) => !network.startsWith('2002') && !/^::/.test(network));
  const buffer = writeDatabase([...others, { network: '2002::/16', country: 'XX' }], { recordSize: 32 });
  const { tree } = GeoDatabase.fromBuffer(buffer, 'before');
  let node = 0;
  for (let bit = 0; bit < 15; bit++) node = tree.child(node, (0x2002 >> (15 - bit)) & 1);
  buffer.writeUInt32BE(tree.ipv4.value, node * 8);
  return GeoDatabase.fromBuffer(buffer, 'aliased');
}

import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareAddresses,
  formatAddress,
  formatPrefix,
  type IpAddress,
  maskAddress,
  parseAddress,
  parseComboAddress,
  parseNetmask,
  parsePrefix,
  prefixContains,
  sameAddress,
} from './address.ts';

const anyAddress = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), sparseBytes())
  .map((bytes): IpAddress => ({ family: bytes.length === 4 ? 4 : 6, bytes }));

describe('strict address text', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['2001:DB8:1:0::1', '2001:db8:1::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['::ffff:203.0.113.77', '::ffff:203.0.113.77'],
    ['::ffff:cb00:714d', '::ffff:203.0.113.77'],
    ['::1.2.3.4', '::1.2.3.4'],
    ['::1:0', '::0.1.0.0'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
    ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['1:0:0:2:0:0:0:4', '1:0:0:2::4'],
    ['0:0:0:0:0:fffe:102:304', '::fffe:102:304'],
  ])('%s is printed as glibc prints it: %s', (text, printed) => {
    expect(printedStrictly(text)).toBe(printed);
  });

  test.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    '.1.2.3',
    '1..2.3',
    '01.2.3.4',
    '1.2.3.00',
    '256.1.1.1',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '1.2.3.4:53',
    '1.2.3.4/32',
    'example.org',
    ':',
    ':::',
    '1:',
    ':1',
    '1::2::3',
    '12345::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '1:2:3:4:5:6:7:1.2.3.4',
    '::1.2.3.04',
    'fe80::1%1',
    '[::1]',
    'g::',
  ])('%j is refused', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('what is printed reads back as the same address', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        const text = formatAddress(address);
        const parsed = parseAddress(text);
        expect(isIP(text)).toBe(address.family);
        expect(parsed && sameAddress(parsed, address)).toBe(true);
      }),
    );
  });

  test('takes and refuses what the C library of this Node does', () => {
    const text = fc.string({ unit: fc.constantFrom('0', '1', '2', '9', 'a', 'F', ':', ':', '.', '.'), maxLength: 20 });
    fc.assert(
      fc.property(text, (candidate) => {
        expect(parseAddress(candidate)?.family ?? 0).toBe(isIP(candidate));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("address strings of PowerDNS's functions", () => {
  test.each([
    ['203.0.113.1', '203.0.113.1', 0],
    ['203.28929', '203.0.113.1', 0],
    ['203.0.28929', '203.0.113.1', 0],
    ['0xcb007101', '203.0.113.1', 0],
    ['0XCB007101', '203.0.113.1', 0],
    ['3405803777', '203.0.113.1', 0],
    ['0313.0.0161.01', '203.0.113.1', 0],
    ['7', '0.0.0.7', 0],
    ['1.2', '1.0.0.2', 0],
    ['203.0.113.1 and more', '203.0.113.1', 0],
    ['203.0.113.1\t', '203.0.113.1', 0],
    ['203.0.113.1:80', '203.0.113.1', 80],
    ['203.28929:80', '203.0.113.1', 80],
    ['203.0.113.1: 80', '203.0.113.1', 80],
    ['203.0.113.1:65535', '203.0.113.1', 65535],
    ['2001:db8::1', '2001:db8::1', 0],
    ['[2001:db8::1]', '2001:db8::1', 0],
    ['[2001:db8::1]:8080', '2001:db8::1', 8080],
    ['::ffff:1.2.3.4', '::ffff:1.2.3.4', 0],
  ])('%j means %s port %i', (text, address, port) => {
    const combo = parseComboAddress(text);
    expect(combo && formatAddress(combo.address)).toBe(address);
    expect(combo?.port).toBe(port);
  });

  test.each([
    '',
    'bogus',
    'www.example.org',
    'A 1.2.3.4',
    '203.0.113.0/24',
    ' 203.0.113.1',
    '203.0.113.1:',
    '203.0.113.1:65536',
    '203.0.113.1:80x',
    '203.0.113.256',
    '1.2.3.4.5',
    '1.2.3.',
    '256.1',
    '1.16777216',
    '4294967296',
    '08',
    '0x',
    '-1',
    '[2001:db8::1',
    '[2001:db8::1]x',
    '2001:db8::1%eth0',
  ])('%j throws in PowerDNS', (text) => {
    expect(parseComboAddress(text)).toBeUndefined();
  });
});

describe('netmasks', () => {
  test.each([
    ['203.0.113.99/24', '203.0.113.0/24'],
    ['203.0.113.0/33', '203.0.113.0/32'],
    ['203.0.113.255/255', '203.0.113.255/32'],
    ['127.0.0.7', '127.0.0.7/32'],
    ['127.0.0.7/', '127.0.0.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['2001:db8::1/32', '2001:db8::/32'],
    ['2001:db8::1', '2001:db8::1/128'],
    ['2001:db8:ffff::/33', '2001:db8:8000::/33'],
  ])('%s is %s', (text, printed) => {
    const netmask = parseNetmask(text);
    expect(netmask && formatPrefix(netmask)).toBe(printed);
  });

  test.each(['bogus', '', '/8', '!203.0.113.0/24', '203.28929/24', '10.0.0.0/x', '10.0.0.0/-1', '10.0.0.0/256'])(
    '%j throws in PowerDNS',
    (text) => {
      expect(parseNetmask(text)).toBeUndefined();
    },
  );

  test('families never match each other', () => {
    expect(contains('0.0.0.0/0', '::ffff:1.2.3.4')).toBe(false);
    expect(contains('::/0', '1.2.3.4')).toBe(false);
    expect(contains('0.0.0.0/0', '1.2.3.4')).toBe(true);
  });

  test('hold exactly the addresses that share their leading bits', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, fc.nat({ max: 128 }), (a, b, bits) => {
        const length = Math.min(bits, a.bytes.length * 8);
        const network = maskAddress(a, length);
        expect(prefixContains({ address: network, length }, a)).toBe(true);
        expect(prefixContains({ address: network, length }, b)).toBe(
          a.family === b.family && binary(a).slice(0, length) === binary(b).slice(0, length),
        );
      }),
    );
  });

  test('as people should write them have no host bits and no excess length', () => {
    expect(parsePrefix('10.0.0.0/8')).toMatchObject({ length: 8 });
    expect(parsePrefix('10.0.0.1')).toMatchObject({ length: 32 });
    expect(parsePrefix('10.0.0.1/8')).toBeUndefined();
    expect(parsePrefix('10.0.0.0/33')).toBeUndefined();
    expect(parsePrefix('10.0.0.0/08')).toBeUndefined();
    expect(parsePrefix('10/8')).toBeUndefined();
  });
});

test('addresses sort by family, then by number', () => {
  const texts = ['::1', '10.0.0.1', '9.255.255.255', '::', '10.0.0.0'];
  const sorted = texts.map(address).sort(compareAddresses).map(formatAddress);
  expect(sorted).toEqual(['9.255.255.255', '10.0.0.0', '10.0.0.1', '::', '::1']);
});

function sparseBytes() {
  const byte = fc.oneof(fc.constant(0), fc.nat({ max: 255 }));
  return fc.array(byte, { minLength: 16, maxLength: 16 }).map((bytes) => Uint8Array.from(bytes));
}

function printedStrictly(text: string): string | undefined {
  const parsed = parseAddress(text);
  return parsed && formatAddress(parsed);
}

function address(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`test data: ${text} is no address`);
  return parsed;
}

function contains(network: string, text: string): boolean {
  const prefix = parseNetmask(network);
  if (prefix === undefined) throw new Error(`test data: ${network} is no netmask`);
  return prefixContains(prefix, address(text));
}

function binary(value: IpAddress): string {
  return [...value.bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

import { describe, expect, it } from 'vitest';
import { formatPrefix } from '../geoip/address.ts';
import { type DnsQuery, decodeQuery } from './dns-query.ts';
import { ecsBytes, optBytes, optionBytes, queryBytes, recordBytes, u8, u16 } from './fixtures/query-bytes.ts';

function read(bytes: Buffer, transport: 'udp' | 'tcp' = 'udp'): DnsQuery {
  const decoded = decodeQuery(bytes, transport);
  if (decoded.kind === 'drop') throw new Error(`dropped: ${decoded.reason}`);
  return decoded.query;
}

describe('a question', () => {
  it('is read with its flags, its case and its bytes', () => {
    const query = read(queryBytes({ id: 7, flags: 0x0110, name: 'wWw.ExAmPle.org.', type: 28 }));
    expect(query).toMatchObject({
      id: 7,
      opcode: 'QUERY',
      recursionDesired: true,
      checkingDisabled: true,
      name: 'wWw.ExAmPle.org.',
      type: 'AAAA',
      class: 'IN',
      edns: undefined,
      hasTsig: false,
    });
    expect(Buffer.from(query.nameBytes).toString('latin1')).toBe('\x03wWw\x07ExAmPle\x03org\0');
  });

  it('may have any type and class', () => {
    expect(read(queryBytes({ type: 65_402 })).type).toBe('LUA');
    expect(read(queryBytes({ type: 64_000 })).type).toBe('TYPE64000');
    expect([3, 255, 4].map((number) => read(queryBytes({ class: number })).class)).toEqual(['CH', 'ANY', 'CLASS4']);
  });

  it('keeps a dot inside a label apart from the dots between them', () => {
    expect(read(queryBytes({ question: Buffer.concat([u8(3), Buffer.from('a.b'), u8(0), u16(1, 1)]) })).name).toBe(
      'a\\.b.',
    );
  });

  it('may have garbage behind it, and records that nobody looks into', () => {
    expect(read(Buffer.concat([queryBytes(), Buffer.from('garbage')])).type).toBe('A');
    expect(read(queryBytes({ records: [recordBytes(u8(0xc0, 12), 1, 1, u8(1))] })).type).toBe('A');
  });
});

describe('dropped like PowerDNS drops it', () => {
  const pointer = (low: number) => queryBytes({ question: Buffer.concat([u8(0xc0, low), u16(1, 1)]) });
  const tsigData = Buffer.concat([u8(0), Buffer.alloc(8), u16(0), Buffer.alloc(4), u16(0)]);
  const tsig = recordBytes(u8(0), 250, 255, tsigData);
  const cases: readonly (readonly [string, Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['half a header', queryBytes().subarray(0, 11)],
    ['half a question', queryBytes().subarray(0, 30)],
    [
      'two questions',
      queryBytes({ counts: [2, 0, 0, 0], question: Buffer.concat([u8(0), u16(1, 1), u8(0), u16(1, 1)]) }),
    ],
    ['a response', queryBytes({ flags: 0x8000 })],
    ['a cut question', queryBytes({ flags: 0x0200 })],
    ...[1, 2, 3, 6, 15].map((opcode) => [`opcode ${opcode}`, queryBytes({ flags: opcode << 11 })] as const),
    ['a name that points to itself', pointer(12)],
    ['a name that points into the header', pointer(11)],
    ['a name that points forward', pointer(18)],
    ['a label of type 01', queryBytes({ question: Buffer.concat([u8(0x41, 1, 0), u16(1, 1)]) })],
    [
      'a name of 256 bytes',
      queryBytes({ question: Buffer.concat([Buffer.from('\x3f'.concat('a'.repeat(63)).repeat(4)), u8(0), u16(1, 1)]) }),
    ],
    ['a record that is not there', queryBytes({ counts: [1, 0, 0, 1] })],
    [
      'a record that is cut',
      queryBytes({ records: [optBytes({ options: [ecsBytes(1, 8, 0, [10])] }).subarray(0, -1)] }),
    ],
    ['an owner that points into the header', queryBytes({ records: [recordBytes(u8(0xc0, 5), 1, 1, u8())] })],
    ['an OPT record behind the signature', queryBytes({ records: [tsig, optBytes()] })],
    ['a signature in the answer section', queryBytes({ counts: [1, 1, 0, 0], records: [tsig] })],
    ['half a signature', queryBytes({ records: [recordBytes(u8(0), 250, 255, u8(1, 2, 3))] })],
    [
      'an IXFR with half a SOA',
      queryBytes({ type: 251, counts: [1, 0, 1, 0], records: [recordBytes(u8(0), 6, 1, u8(0, 0))] }),
    ],
  ];
  it.each(cases)('%s', (_what, bytes) => {
    for (const transport of ['udp', 'tcp'] as const) {
      expect(decodeQuery(bytes, transport)).toEqual({ kind: 'drop', reason: expect.any(String) });
    }
  });

  it('no question, over UDP alone', () => {
    const bytes = queryBytes({ counts: [0, 0, 0, 0], question: u8() });
    expect(decodeQuery(bytes, 'udp').kind).toBe('drop');
    expect(read(bytes, 'tcp')).toMatchObject({ hasQuestion: false, name: '.', typeNumber: 0, classNumber: 0 });
  });

  it('never with an exception, whatever the bytes are', () => {
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const whole = queryBytes({
      records: [optBytes({ options: [ecsBytes(2, 56, 0, [32, 1, 13, 184, 0, 170, 0])] }), tsig],
    });
    const kinds = new Set<string>();
    for (let round = 0; round < 20_000; round += 1) {
      const bytes =
        round % 4 === 0 ? Buffer.from(Array.from({ length: random(80) }, () => random(256))) : Buffer.from(whole);
      for (let change = 0; change < 3 && bytes.length > 0; change += 1) bytes[random(bytes.length)] = random(256);
      kinds.add(decodeQuery(bytes.subarray(0, bytes.length - (random(3) === 0 ? random(20) : 0)), 'udp').kind);
    }
    expect(kinds).toEqual(new Set(['query', 'drop']));
  });
});

describe('EDNS', () => {
  const edns = (...options: Uint8Array[]) => read(queryBytes({ records: [optBytes({ options })] })).edns;
  const subnet = (...options: Uint8Array[]) => {
    const found = edns(...options)?.clientSubnet;
    return found && `${formatPrefix(found.prefix)} ${found.scope}`;
  };

  it('is read from the first OPT record of the additional section', () => {
    const records = [optBytes({ udpSize: 700, version: 3, dnssecOk: true }), optBytes({ udpSize: 4096 })];
    expect(read(queryBytes({ records })).edns).toMatchObject({ udpSize: 700, version: 3, dnssecOk: true });
    expect(read(queryBytes({ records, counts: [1, 0, 1, 0] })).edns).toBeUndefined();
  });

  it.each([
    ['host bits are cleared', ecsBytes(1, 20, 0, [10, 11, 255]), '10.11.240.0/20 0'],
    ['nothing of the address', ecsBytes(1, 0, 0, []), '0.0.0.0/0 0'],
    ['IPv6 with an odd number of bytes', ecsBytes(2, 56, 0, [32, 1, 13, 184, 0, 170, 1]), '2001:db8:aa:100::/56 0'],
    ['a scope beyond the address', ecsBytes(1, 24, 200, [10, 1, 2]), '10.1.2.0/24 200'],
  ])('client subnet: %s', (_what, option, expected) => {
    expect(subnet(option)).toBe(expected);
  });

  it.each([
    ['a byte too many', ecsBytes(1, 24, 0, [10, 1, 2, 0])],
    ['a byte too few', ecsBytes(1, 24, 0, [10, 1])],
    ['more bits than IPv4 has', ecsBytes(1, 33, 0, [10, 1, 2, 3, 4])],
    [
      'more bits than IPv6 has',
      ecsBytes(
        2,
        129,
        0,
        Array.from({ length: 17 }, () => 0),
      ),
    ],
    ['no family', ecsBytes(0, 0, 0, [])],
    ['a family of its own', ecsBytes(3, 8, 0, [10])],
    ['three bytes', optionBytes(8, u8(0, 1, 24))],
    ['no byte', optionBytes(8, u8())],
  ])('a client subnet with %s is ignored, and known to have been sent', (_what, option) => {
    expect(edns(option)).toMatchObject({ clientSubnet: undefined, sentClientSubnet: true });
  });

  it('the last good client subnet of several counts', () => {
    expect(subnet(ecsBytes(1, 24, 0, [10, 1, 2]), ecsBytes(1, 16, 0, [10, 9]), ecsBytes(1, 16, 0, [1]))).toBe(
      '10.9.0.0/16 0',
    );
  });

  it('options end at the first that is longer than the record', () => {
    expect(subnet(ecsBytes(1, 8, 0, [10]), u8(0, 3, 0, 9, 1))).toBe('10.0.0.0/8 0');
    expect(edns(u8(0, 3, 0, 60, 1), ecsBytes(1, 8, 0, [10]))).toMatchObject({
      wantsServerId: false,
      sentClientSubnet: false,
    });
  });

  it('may ask which server this is', () => {
    expect(edns(optionBytes(3, u8()))?.wantsServerId).toBe(true);
  });
});

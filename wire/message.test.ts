import packet from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePrefix } from '../geoip/address.ts';
import { nameFromWireLabels } from '../simulator/zone/name.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';
import { decodeResponse, encodeQuery } from './message.ts';
import { readMessage } from './raw-message.ts';
import { MalformedMessage, readName } from './raw-name.ts';
import { presentRdata, readLuaRdata } from './rdata-text.ts';

describe('a query', () => {
  it('is what dns-packet reads back, with ECS and DO', () => {
    const ecs = parsePrefix('2001:db8:aa00::/40');
    if (ecs === undefined) throw new Error('the prefix of the test is none');
    const query = packet.decode(encodeQuery(4711, { name: 'www.acme.test.', type: 'AAAA', ecs, dnssecOk: true }));
    expect(query).toMatchObject({ id: 4711, type: 'query', questions: [{ name: 'www.acme.test', type: 'AAAA' }] });
    expect(query.additionals).toMatchObject([
      { type: 'OPT', flag_do: true, options: [{ code: 8, family: 2, sourcePrefixLength: 40, ip: '2001:db8:aa00::' }] },
    ]);
  });

  it.each([
    ['a dot inside a label', 'wei\\.rd.acme.test.'],
    ['a byte above 127', 'caf\\233.acme.test.'],
    ['the root', '.'],
  ])('asks for %s byte for byte', (_what, name) => {
    expect(readMessage(encodeQuery(1, { name, type: 'SOA' })).questions).toEqual([{ name, type: 6, class: 1 }]);
  });

  it('asks for types that dns-packet has no name for', () => {
    const types = ['LUA', 'ALIAS', 'TYPE4711'].map((type) => encodeQuery(1, { name: 'a.', type }));
    expect(types.map((query) => readMessage(query).questions[0]?.type)).toEqual([65402, 65401, 4711]);
  });
});

describe('a reply', () => {
  it('has its data in canonical presentation format', () => {
    const name = 'acme.test';
    const reply = packet.encode({
      type: 'response',
      id: 7,
      flags: packet.AUTHORITATIVE_ANSWER,
      questions: [{ name, type: 'TXT' }],
      answers: [
        { name, type: 'A', ttl: 60, data: '192.0.2.1' },
        { name, type: 'AAAA', data: '2001:db8:0:0::1' },
        { name, type: 'NS', data: 'ns.acme.test' },
        { name, type: 'MX', data: { preference: 10, exchange: 'Mail.acme.test' } },
        { name, type: 'SRV', data: { priority: 1, weight: 2, port: 53, target: 'b.test' } },
        { name, type: 'TXT', data: [Buffer.from('a"b\\c'), Buffer.from([0, 0xff])] },
        { name, type: 'CAA', data: { flags: 128, tag: 'issue', value: 'ca.test; x="y"', issuerCritical: true } },
        {
          name,
          type: 'SOA',
          data: { mname: 'ns.a', rname: 'h\\.m.a', serial: 4294967295, refresh: 1, retry: 2, expire: 3, minimum: 4 },
        },
        { name, type: 'UNKNOWN_4711' as 'NULL', data: Buffer.from([0xab, 1]) },
      ],
    });
    const { answers, ...rest } = decodeResponse(reply);
    expect(rest).toMatchObject({ id: 7, rcode: 'NOERROR', authoritative: true, questionName: 'acme.test.' });
    expect(answers[0]).toEqual({ owner: 'acme.test.', type: 'A', ttlSeconds: 60, rdata: '192.0.2.1' });
    expect(answers.map(({ type, rdata }) => `${type} ${rdata}`)).toEqual([
      'A 192.0.2.1',
      'AAAA 2001:db8::1',
      'NS ns.acme.test.',
      'MX 10 Mail.acme.test.',
      'SRV 1 2 53 b.test.',
      'TXT "a\\"b\\\\c" "\\000\\255"',
      'CAA 128 issue "ca.test; x=\\"y\\""',
      'SOA ns.a. h\\.m.a. 4294967295 1 2 3 4',
      'TYPE4711 \\# 2 ab01',
    ]);
  });

  it('tells the scope of ECS behind another option, and the upper bits of the rcode', () => {
    const message = packet.encode({
      type: 'response',
      questions: [{ name: 'a', type: 'A' }],
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: 1232,
          extendedRcode: 1,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [
            { type: 'TCP_KEEPALIVE', code: 11, timeout: 5 },
            { code: 8, family: 1, ip: '192.0.2.0', sourcePrefixLength: 24, scopePrefixLength: 17 },
          ],
        },
      ],
    });
    expect(decodeResponse(message)).toMatchObject({ ecsScope: 17, rcode: 'BADVERS' });
  });

  it.each([
    ['an address of three bytes', 1, [1, 2, 3], '\\# 3 010203'],
    ['an address of five bytes', 1, [1, 2, 3, 4, 5], '\\# 5 0102030405'],
    ['a string that goes beyond its record', 16, [5, 65], '\\# 2 0541'],
    ['a name with bytes behind it', 5, [0, 1], '\\# 2 0001'],
  ])('has data that its type does not allow as bytes: %s', (_what, type, rdata, text) => {
    expect(decodeResponse(messageWith(type, Buffer.from(rdata))).answers[0]?.rdata).toBe(text);
  });

  it.each([
    ['a name that goes on behind its record', 5, [1]],
    ['an MX record of one byte', 15, [0]],
    ['a LUA record without code', 65402, [0, 1]],
    ['code that goes beyond its LUA record', 65402, [0, 1, 9, 65]],
  ])('is refused with %s', (_what, type, rdata) => {
    expect(() => decodeResponse(messageWith(type, Buffer.from(rdata)))).toThrow(MalformedMessage);
  });

  it('has names written out in the data of every type that may hold compressed ones', () => {
    const pointer = [0xc0, 12];
    const data = { MB: pointer, MINFO: [...pointer, ...pointer], KX: [0, 1, ...pointer], RP: [1, 97, ...pointer, 0] };
    const texts = Object.entries(data).map(([type, rdata]) => {
      const message = messageWith(typeNumber(type) ?? 0, Buffer.from(rdata), Buffer.from('\x01b\x04test\0', 'latin1'));
      return `${type} ${decodeResponse(message).answers[0]?.rdata}`;
    });
    expect(texts).toEqual(['MB b.test.', 'MINFO b.test. b.test.', 'KX 1 b.test.', 'RP a.b.test. .']);
  });

  it('is refused, and nothing worse, where any byte is cut off or changed', () => {
    const whole = messageWith(15, Buffer.from([0, 10, 1, 97, 0xc0, 12]));
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeResponse(whole.subarray(0, length))).toThrow(MalformedMessage);
    }
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const changed = Buffer.from(whole);
        changed[at] = byte;
        return onlyMalformed(() => decodeResponse(changed));
      }),
    );
  });

  it('never makes the reader fail in another way, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(3), (bytes, count) =>
        onlyMalformed(() => decodeResponse(Buffer.from([0, 1, 0x84, 0, 0, 0, 0, count, 0, 0, 0, 1, ...bytes]))),
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a name', () => {
  it('is read through pointers and ends behind the first one', () => {
    const message = Buffer.from('\x04test\x00\x04acme\xc0\x00\x03www\xc0\x06', 'latin1');
    expect(readName(message, 13)).toEqual({ name: 'www.acme.test.', end: 19 });
  });

  it.each([
    ['points to itself', [0xc0, 0]],
    ['points back and forth', [0xc0, 2, 0xc0, 0]],
    ['has a label of an unknown kind', [0x41, 0]],
    ['is cut off', [3, 97]],
    ['is cut off in a pointer', [0xc0]],
    ['points behind the end', [0xc0, 9]],
    ['is longer than 255 bytes', [...Array.from({ length: 128 }, () => [1, 97]).flat(), 0]],
  ])('is refused where it %s', (_what, bytes) => {
    expect(() => readName(Buffer.from(bytes), 0)).toThrow(MalformedMessage);
  });

  it('may have 128 pointers and not one more', () => {
    const chain = Buffer.from([0, ...Array.from({ length: 129 }, (_, i) => [0xc0, i === 0 ? 0 : 2 * i - 1]).flat()]);
    expect(readName(chain, 1 + 2 * 127).name).toBe('.');
    expect(() => readName(chain, 1 + 2 * 128)).toThrow('more than 128 pointers');
  });

  it('keeps every byte of every label', () => {
    const label = fc.uint8Array({ minLength: 1, maxLength: 63 });
    fc.assert(
      fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
        const wire = Buffer.from([...labels.flatMap((bytes) => [bytes.length, ...bytes]), 0]);
        expect(readName(wire, 0)).toEqual({ name: nameFromWireLabels(labels), end: wire.length });
      }),
    );
  });
});

describe('the data of a LUA record', () => {
  it('has each string quoted and escaped as PowerDNS prints strings', () => {
    const code = Buffer.from('a"b\\c\n\x7f\u00fc', 'utf8');
    const rdata = Buffer.concat([Buffer.from([0, 28, code.length]), code, Buffer.from([0])]);
    expect(readLuaRdata(onlyRecord(messageWith(65402, rdata)))).toEqual({
      type: 'AAAA',
      text: '"a\\"b\\\\c\\010\\127\\195\\188" ""',
    });
  });

  it('comes back the same from its text, whatever its bytes are', () => {
    const chunk = fc.uint8Array({ maxLength: 255 });
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(chunk, { minLength: 1, maxLength: 5 }), (covered, chunks) => {
        const rdata = Buffer.concat([u16(covered), ...chunks.map((bytes) => Buffer.from([bytes.length, ...bytes]))]);
        const record = onlyRecord(messageWith(65402, rdata));
        const { type, text } = readLuaRdata(record);
        expect(presentRdata(record)).toBe(`${type} ${text}`);
        expect(textBytes(text)).toEqual(chunks.map((bytes) => Buffer.from(bytes)));
      }),
    );
  });
});

function messageWith(type: number, rdata: Buffer, owner = Buffer.from([0])): Buffer {
  const header = Buffer.from([0, 1, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  return Buffer.concat([header, owner, u16(type), Buffer.from([0, 1, 0, 0, 0, 60]), u16(rdata.length), rdata]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function onlyRecord(message: Buffer) {
  const [record] = readMessage(message).answers;
  if (record === undefined) throw new Error('the message of the test has no record');
  return record;
}

function onlyMalformed(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    return error instanceof MalformedMessage;
  }
}

/** The bytes of a text's strings, by the rules of zone files. */
function textBytes(text: string): Buffer[] {
  return [...text.matchAll(/"((?:\\\d{3}|\\.|[^"\\])*)"/g)].map(([, chunk = '']) =>
    Buffer.from(
      [...chunk.matchAll(/\\(\d{3})|\\(.)|(.)/g)].map(([, decimal, escaped = '', plain = '']) =>
        decimal === undefined ? `${escaped}${plain}`.charCodeAt(0) : Number(decimal),
      ),
    ),
  );
}

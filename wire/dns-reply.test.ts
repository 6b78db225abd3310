import { describe, expect, it } from 'vitest';
import { decodeQuery } from './dns-query.ts';
import { type DnsReply, encodeReply, type ReplyLimits } from './dns-reply.ts';
import { ecsBytes, optBytes, optionBytes, type QueryParts, queryBytes, u8 } from './fixtures/query-bytes.ts';
import { decodeResponse } from './message.ts';
import { readMessage } from './raw-message.ts';

const found: DnsReply = { rcode: 'NOERROR', authoritative: true };
const udp: ReplyLimits = { transport: 'udp' };

function reply(parts: QueryParts, what: DnsReply, limits = udp): Buffer {
  const decoded = decodeQuery(queryBytes(parts), limits.transport);
  if (decoded.kind === 'drop') throw new Error(decoded.reason);
  return encodeReply(decoded.query, what, limits);
}

/** `count` records of 16 bytes each behind a question of 33 bytes with its header. */
const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    owner: 'www.example.org.',
    type: 'A',
    ttlSeconds: 60,
    rdata: `192.0.2.${index % 256}`,
  }));

const optOf = (bytes: Buffer) => {
  const opt = readMessage(bytes).additional.find(({ type }) => type === 41);
  return opt && { size: opt.class, data: bytes.subarray(opt.rdataStart, opt.rdataEnd).toString('hex') };
};

describe('a reply', () => {
  it('echoes id, name in its case and RD, but neither AD nor CD', () => {
    const bytes = reply({ id: 7, flags: 0x0130, name: 'wWw.example.org.' }, found);
    expect(bytes.readUInt16BE(0)).toBe(7);
    expect(bytes.readUInt16BE(2)).toBe(0x8500);
    expect(bytes.toString('latin1', 12, 17)).toBe('\x03wWw\x07');
    expect(reply({ flags: 0x2000 }, { rcode: 'REFUSED', authoritative: false }).readUInt16BE(2)).toBe(0xa005);
  });

  it('carries its records in their sections', () => {
    const [a] = addresses(1);
    const soa = { owner: 'example.org.', type: 'SOA', ttlSeconds: 3600, rdata: 'n. h. 1 2 3 4 5' };
    const bytes = reply({}, { ...found, answers: a ? [a] : [], authority: [soa], additional: a ? [a] : [] });
    const { answers, authority } = decodeResponse(bytes);
    expect(answers).toEqual([a]);
    expect(authority).toEqual([soa]);
    expect(readMessage(bytes).additional).toHaveLength(1);
  });

  it('points to the name of the question, in any case and of any length', () => {
    const long = `${'a.'.repeat(60)}example.org.`;
    for (const [name, owner] of [
      ['wWw.eXample.org.', 'www.example.org.'],
      [long, long],
    ] as const) {
      const bytes = reply({ name }, { ...found, answers: [{ owner, type: 'A', ttlSeconds: 60, rdata: '192.0.2.1' }] });
      expect(bytes.length).toBe(reply({ name }, found).length + 16);
    }
  });

  it('compresses the target of an MX record, not that of an SRV record', () => {
    const target = 'mail.example.org.';
    const size = (type: string, rdata: string) =>
      reply({}, { ...found, answers: [{ owner: 'www.example.org.', type, ttlSeconds: 60, rdata }] }).length - 33 - 12;
    expect(size('MX', `10 ${target}`)).toBe(2 + 7);
    expect(size('SRV', `1 2 3 ${target}`)).toBe(6 + 18);
  });

  it('is of class CHAOS where the question is', () => {
    const answers = [{ owner: 'version.bind.', type: 'TXT', ttlSeconds: 5, rdata: '"x"' }];
    expect(
      readMessage(reply({ name: 'version.bind.', type: 16, class: 3 }, { ...found, answers })).answers[0]?.class,
    ).toBe(3);
    expect(readMessage(reply({ type: 16, class: 255 }, { ...found, answers })).answers[0]?.class).toBe(1);
  });

  it('is refused where a record fits no message', () => {
    const record = { owner: 'www.example.org.', type: 'NONSENSE', ttlSeconds: 60, rdata: 'x' };
    expect(() => reply({}, { ...found, answers: [record] })).toThrow(
      expect.objectContaining({ code: 'E_RECORD_TYPE' }),
    );
  });
});

describe('truncation', () => {
  const isCut = (bytes: Buffer) => decodeResponse(bytes).truncated;

  it('leaves the question, TC and the OPT record', () => {
    const bytes = reply({ records: [optBytes()] }, { ...found, answers: addresses(100) });
    expect(decodeResponse(bytes)).toMatchObject({ truncated: true, answers: [], authority: [] });
    expect(bytes.length).toBe(33 + 11);
  });

  it.each([
    ['no EDNS', undefined, 512],
    ['EDNS with less than 512 bytes', 100, 512 - 11],
    ['EDNS with 700 bytes', 700, 700 - 11],
    ['EDNS with more than the threshold', 4096, 1232 - 11],
  ])('begins behind the last byte that fits: %s', (_what, udpSize, room) => {
    const records = udpSize === undefined ? [] : [optBytes({ udpSize })];
    const fitting = Math.floor((room - 33) / 16);
    expect(isCut(reply({ records }, { ...found, answers: addresses(fitting) }))).toBe(false);
    expect(isCut(reply({ records }, { ...found, answers: addresses(fitting + 1) }))).toBe(true);
  });

  it('keeps room for a whole address, however short the client network is', () => {
    const size = 33 + 16 * 40;
    const cut = (udpSize: number, ...options: Buffer[]) =>
      isCut(
        reply(
          { records: [optBytes({ udpSize, options })] },
          { ...found, answers: addresses(40), ecsScope: 0, serverId: 'abc' },
        ),
      );
    for (const [option, room] of [
      [ecsBytes(1, 8, 0, [10]), 11 + 12],
      [ecsBytes(2, 0, 0, []), 11 + 24],
      [optionBytes(3, u8()), 11 + 7],
    ] as const) {
      expect([cut(size + room - 1, option), cut(size + room, option)]).toEqual([true, false]);
    }
  });

  it('comes over TCP behind 65535 bytes', () => {
    const fitting = Math.floor((65_535 - 33) / 16);
    expect(isCut(reply({}, { ...found, answers: addresses(fitting) }, { transport: 'tcp' }))).toBe(false);
    expect(isCut(reply({}, { ...found, answers: addresses(fitting + 1) }, { transport: 'tcp' }))).toBe(true);
  });

  it('can be asked for', () => {
    expect(decodeResponse(reply({}, { ...found, answers: addresses(1), truncated: true }))).toMatchObject({
      truncated: true,
      answers: [],
    });
  });
});

describe('the OPT record of a reply', () => {
  it('is there where the question has one, with the threshold as its size', () => {
    expect(optOf(reply({}, { ...found, ecsScope: 0 }))).toBeUndefined();
    expect(optOf(reply({ records: [optBytes({ udpSize: 512 })] }, found))).toEqual({ size: 1232, data: '' });
    const limits: ReplyLimits = { transport: 'udp', udpTruncationThreshold: 4096 };
    expect(optOf(reply({ records: [optBytes()] }, found, limits))?.size).toBe(4096);
    expect(
      optOf(reply({ records: [optBytes()] }, found, { transport: 'udp', udpTruncationThreshold: 100 }))?.size,
    ).toBe(512);
  });

  it('echoes DO and no other flag, and carries the upper bits of BADVERS', () => {
    const ttl = (bytes: Buffer) => readMessage(bytes).additional[0]?.ttlSeconds;
    expect(ttl(reply({ records: [optBytes({ dnssecOk: true })] }, found))).toBe(0x8000);
    const bad = reply({ records: [optBytes({ version: 1 })] }, { rcode: 'BADVERS', authoritative: true });
    expect([ttl(bad), decodeResponse(bad).rcode]).toEqual([0x0100_0000, 'BADVERS']);
  });

  it('echoes the client subnet as it was understood, with the scope', () => {
    const records = [optBytes({ options: [ecsBytes(1, 20, 0, [10, 11, 255])] })];
    expect(optOf(reply({ records }, { ...found, ecsScope: 20 }))?.data).toBe('00080007000114140a0bf0');
    expect(optOf(reply({ records }, found))?.data).toBe('');
    const bad = [optBytes({ options: [ecsBytes(1, 20, 0, [10])] })];
    expect(optOf(reply({ records: bad }, { ...found, ecsScope: 20 }))?.data).toBe('');
  });

  it('names the server before the client subnet, where it was asked to', () => {
    const options = [ecsBytes(2, 8, 0, [32]), optionBytes(3, u8())];
    const what = { ...found, ecsScope: 0, serverId: 'vm' };
    expect(optOf(reply({ records: [optBytes({ options })] }, what))?.data).toBe('00030002766d000800050002080020');
    expect(optOf(reply({ records: [optBytes()] }, what))?.data).toBe('');
  });
});

import { createServer, type Socket } from 'node:net';
import packet, { type Answer } from 'dns-packet';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../input/errors.ts';
import { canonicalRdata } from '../simulator/answer/rdata.ts';
import { PROFILES } from '../simulator/profile/index.ts';
import type { ResourceRecord } from '../simulator/zone/record.ts';
import { parseZoneFile } from '../simulator/zone/zonefile.ts';
import { describeForEachServer } from '../test/powerdns/for-each-server.ts';
import { hasEscapedBlank, mayHaveBeenCut, transferZone } from './axfr.ts';
import { ZoneAssembly } from './axfr-assembly.ts';
import { powerDnsApi } from './powerdns-api.ts';
import { readMessage } from './raw-message.ts';
import { type RunningPowerDns, startPowerDns } from './rig/rig.ts';
import { TcpFrames, tcpFrame } from './tcp-frames.ts';
import type { ServerAddress } from './transport.ts';

const limits = { timeoutMs: 5000, maxBytes: 1024 * 1024 };
const soa = record('acme.test', 'SOA', {
  mname: 'ns.acme.test',
  rname: 'h.acme.test',
  serial: 7,
  refresh: 1,
  retry: 2,
  expire: 3,
  minimum: 4,
});
const luaCode = `pickrandom({'192.0.2.1'})`;
const lua = record('www.acme.test', 'UNKNOWN_65402', Buffer.from([0, 1, luaCode.length, ...Buffer.from(luaCode)]));
const text = record('t.acme.test', 'TXT', [Buffer.from('one')]);
const zone = {
  name: 'acme.test.',
  records: [
    { kind: 'static', owner: 'acme.test.', ttlSeconds: 60, type: 'SOA', rdata: 'ns.acme.test. h.acme.test. 7 1 2 3 4' },
    { kind: 'lua', owner: 'www.acme.test.', ttlSeconds: 60, type: 'A', text: `"${luaCode}"` },
    { kind: 'static', owner: 't.acme.test.', ttlSeconds: 60, type: 'TXT', rdata: '"one"' },
  ],
};

describe('the messages of a transfer', () => {
  it('give the same zone wherever the network cuts them', () => {
    const stream = Buffer.concat([[soa], [lua, text], [soa]].map((answers) => tcpFrame(message(1, answers))));
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(assemble(stream.subarray(0, cut), stream.subarray(cut)), `cut at ${cut}`).toEqual(zone);
    }
    expect(assemble(...Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(zone);
  });

  it('may be one, and may leave the question out', () => {
    expect(assemble(tcpFrame(message(1, [soa, lua, text, soa])))).toEqual(zone);
    const { name } = zone;
    expect(new ZoneAssembly(name, 1).add(readMessage(message(1, [soa, lua, text, soa], { questions: [] })))).toEqual(
      zone,
    );
  });

  it('keep an unfinished zone to themselves', () => {
    expect(assemble(tcpFrame(message(1, [soa, lua, text])))).toBeUndefined();
  });

  const signature = record('acme.test', 'UNKNOWN_46', Buffer.alloc(30));
  const dnskey = record('acme.test', 'UNKNOWN_48', Buffer.from([1, 1, 3, 8, 1]));
  it('lose what a signer made', () => {
    const made = ['UNKNOWN_47', 'UNKNOWN_50', 'UNKNOWN_51'].map((type) => record('acme.test', type, Buffer.alloc(9)));
    expect(assemble(tcpFrame(message(1, [soa, dnskey, signature, lua, ...made, text, soa])))).toEqual(zone);
  });

  it('keep a DNSKEY where nothing is signed', () => {
    const kept = assemble(tcpFrame(message(1, [soa, dnskey, soa])))?.records.at(1);
    expect(kept).toMatchObject({ type: 'DNSKEY', rdata: '257 3 8 AQ==' });
  });

  const otherSoa = record('acme.test', 'UNKNOWN_6', Buffer.alloc(22));
  it.each([
    ['a reply to another question', [message(2, [soa])], 'no reply'],
    ['a query', [message(1, [soa], { type: 'query' })], 'no reply'],
    [
      'a reply about another zone',
      [message(1, [soa], { questions: [{ name: 'b.test', type: 'AXFR' }] })],
      'about b.test.',
    ],
    ['a message without records', [message(1, [])], 'no records'],
    ['no SOA at the start', [message(1, [lua])], 'not the SOA'],
    ['another SOA at the end', [message(1, [soa, otherSoa])], 'not the one at the start'],
    ['an SOA below the zone', [message(1, [soa, { ...soa, name: 'b.acme.test' }])], 'below the zone'],
    ['records behind the end', [message(1, [soa, soa, lua])], 'behind the second SOA'],
    ['a record of another zone', [message(1, [soa, record('b.test', 'TXT', [Buffer.from('x')])])], 'not in the zone'],
    ['a truncated message', [message(1, [soa], { flags: packet.TRUNCATED_RESPONSE })], 'truncated'],
    ['a refusal in the middle', [message(1, [soa]), message(1, [], { flags: 2 })], 'answers SERVFAIL'],
  ])('are refused with %s', (_what, messages, why) => {
    const assembly = new ZoneAssembly('acme.test.', 1);
    expect(() => {
      for (const each of messages) assembly.add(readMessage(each));
    }).toThrow(why);
  });
});

describe('a server', () => {
  const open: (() => void)[] = [];
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });

  it('may dribble the zone byte by byte', async () => {
    const server = await serve((socket, id) => {
      const stream = Buffer.concat(
        [
          [soa, lua],
          [text, soa],
        ].map((answers) => tcpFrame(message(id, answers))),
      );
      let at = 0;
      const next = () => {
        socket.write(stream.subarray(at, at + 1));
        at += 1;
        if (at < stream.length) setImmediate(next);
      };
      next();
    });
    expect(await transferZone(server, 'ACME.test', limits)).toEqual({ ...zone, name: 'ACME.test.' });
  });

  it.each([
    ['REFUSED', 5],
    ['NOTAUTH', 9],
  ])('that answers %s is asked to allow transfers', async (name, rcode) => {
    const server = await serve((socket, id) => socket.write(tcpFrame(message(id, [], { flags: rcode }))));
    const error = await failure(server);
    expect(error).toMatchObject({ code: 'E_AXFR', message: expect.stringContaining(`the server answers ${name}`) });
    expect(error.hint).toContain('allow-axfr-ips');
  });

  it.each([
    ['closes the connection', (socket: Socket) => socket.end(), 'closed the connection'],
    ['resets the connection', (socket: Socket) => socket.resetAndDestroy(), 'connection reset'],
    [
      'sends something else',
      (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(900)),
      'a label of a kind that is not in use',
    ],
    ['sends an empty message', (socket: Socket) => socket.write(Buffer.alloc(2)), 'inside its header'],
  ])('that %s is named with the reason', async (_what, act, why) => {
    const error = await failure(await serve(act));
    expect(error).toMatchObject({ code: 'E_AXFR', message: expect.stringContaining(why) });
  });

  it('that never ends the zone is left when the time is up', async () => {
    const server = await serve((socket, id) => socket.write(tcpFrame(message(id, [soa]))));
    expect(await failure(server, { timeoutMs: 50, maxBytes: 1000 })).toMatchObject({
      code: 'E_AXFR',
      message: expect.stringContaining('not complete within 50 ms'),
      exitCode: 3,
    });
  });

  it('that sends more than is allowed is left', async () => {
    const server = await serve((socket, id) => {
      const frame = tcpFrame(message(id, [text, text, text]));
      socket.write(tcpFrame(message(id, [soa])));
      const more = () => void (socket.writable && socket.write(frame, () => setImmediate(more)));
      more();
    });
    const error = await failure(server, { timeoutMs: 5000, maxBytes: 10_000 });
    expect(error.message).toContain('more than 10000 bytes');
  });

  it('that does not listen is not reachable', async () => {
    const server = await serve(() => {});
    for (const close of open.splice(0)) close();
    expect(await failure(server)).toMatchObject({ code: 'E_AXFR', exitCode: 3 });
  });

  it('is left at once when the reader is told to stop', async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort(new Error('stopped')));
    await expect(transferZone(server, 'acme.test', { ...limits, signal: stop.signal })).rejects.toThrow('stopped');
    await expect(transferZone(server, 'acme.test', { ...limits, signal: stop.signal })).rejects.toThrow('stopped');
  });

  /** Hands each connection over once the question is there, with its id. */
  async function serve(answer: (socket: Socket, id: number) => void): Promise<ServerAddress> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      const frames = new TcpFrames();
      socket.on('data', (bytes) => {
        for (const query of frames.push(bytes)) answer(socket, readMessage(query).id);
      });
    });
    open.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server of the test has no port');
    return { address: '127.0.0.1', port: address.port };
  }
});

it('tells a chunk that may have been cut from those that are as they were written', () => {
  const full = `"${'a'.repeat(253)}\\\\\\200"`;
  expect(mayHaveBeenCut(`${full} "b"`)).toBe(true);
  expect(mayHaveBeenCut(full)).toBe(false);
  expect(mayHaveBeenCut(`"b" ${full}`)).toBe(false);
  expect(mayHaveBeenCut(`"${'a'.repeat(254)}" "b"`)).toBe(false);
});

it('tells a tab or a line break from other escapes', () => {
  expect(['"a\\009b"', '"a\\010"', '"\\\\\\013"'].map(hasEscapedBlank)).toEqual([true, true, true]);
  expect(['"a\\\\009"', '"\\"a"', '"\\195"', '"009"'].map(hasEscapedBlank)).toEqual([false, false, false, false]);
});

const LONG_LIST = Array.from({ length: 20 }, (_, i) => `'192.0.2.${i + 100}'`).join(', ');
const ZONE_FILE = String.raw`@ 60 IN SOA ns1 hostm\.aster 7 3600 600 86400 60
@ 60 IN NS ns1
@ 60 IN NS ns2.example.net.
@ 300 IN MX 10 mail
@ 300 IN CAA 0 issue "ca.example; x=\"y\""
a 60 IN A 192.0.2.1
a 61 IN A 192.0.2.3
a 60 IN AAAA 2001:db8::1
_sip._tcp 60 IN SRV 1 2 5060 a
txt 60 IN TXT "one" "t\"wo\\ \200 x"
alias 60 IN CNAME a
tree 60 IN DNAME example.net.
ptr 60 IN PTR a
sub 60 IN NS ns.sub
ns.sub 60 IN A 192.0.2.9
other 60 IN TYPE4711 \# 2 ab01
*.wild 30 IN LUA A "pickrandom({'192.0.2.1', '192.0.2.2'})"
*.wild 30 IN A 192.0.2.77
chunks 30 IN LUA A ";return " "'192.0.2.1'"
chunks 30 IN LUA AAAA ";return " "'2001:db8::1'"
escapes 30 IN LUA TXT "'a\"b\\c\010d\200e\\n'"
empty 30 IN LUA TXT ""
many 5 IN LUA TYPE4712 "'x'"
long 30 IN LUA A "pickrandom({${LONG_LIST}})"
`;

const OWNERS = new Set(Array.from(ZONE_FILE.matchAll(/^\S+/gm), ([owner]) => owner)).size;

describeForEachServer('a zone by transfer', (binary) => {
  for (const backend of ['bind', 'gsqlite3'] as const) {
    describe(`from ${backend}`, () => {
      let server: RunningPowerDns;
      beforeAll(async () => {
        const settings = backend === 'gsqlite3' ? { 'gsqlite3-dnssec': 'yes' } : {};
        const zones = { 'acme.test': ZONE_FILE, 'closed.test': ZONE_FILE };
        server = await startPowerDns({
          binary,
          backend,
          zones,
          settings: { 'allow-axfr-ips': '127.0.0.0/8', ...settings },
        });
      });
      afterAll(() => server?.stop());

      it('is what the zone file says, line by line', async () => {
        const { name, records } = await transferZone(server, 'acme.test', limits);
        const written = parseZoneFile(ZONE_FILE, { file: 'acme.test.zone', origin: 'acme.test.' });
        expect(name).toBe('acme.test.');
        expect(records.map(lineOf).toSorted()).toEqual(written.map(lineOf).map(asCut).toSorted());
      });

      it('has the LUA records that the API shows', async () => {
        const api = powerDnsApi({ url: server.apiUrl, key: server.apiKey, timeoutMs: 5000 });
        const isLua = (each: ResourceRecord) => each.kind === 'lua';
        const transferred = (await transferZone(server, 'acme.test', limits)).records.filter(isLua).map(lineOf);
        const shown = (await api.zone('acme.test.')).records.filter(isLua).map(lineOf).map(asCut);
        expect(shown).toHaveLength(7);
        expect(transferred.toSorted()).toEqual(shown.toSorted());
      });

      it('is not given for a zone that the server does not have', async () => {
        const error = await failure(server, limits, 'no.test');
        expect(error).toMatchObject({ code: 'E_AXFR', message: expect.stringMatching(/no\.test.*(NOTAUTH|REFUSED)/) });
        expect(error.hint).toContain('allow-axfr-ips');
      });

      if (backend === 'gsqlite3') {
        it('is the same when the zone is signed', async () => {
          const before = await transferZone(server, 'closed.test', limits);
          const response = await fetch(`${server.apiUrl}/api/v1/servers/localhost/zones/closed.test.`, {
            method: 'PUT',
            headers: { 'x-api-key': server.apiKey, 'content-type': 'application/json' },
            body: JSON.stringify({ dnssec: true, api_rectify: true }),
          });
          expect(await response.text()).toBe('');
          const signed = await transferZone(server, 'closed.test', limits);
          expect(signed.records.map(lineOf).toSorted()).toEqual(before.records.map(lineOf).toSorted());
        });
      }
    });
  }

  it('is refused to an address that may not have it', async () => {
    const settings = { 'allow-axfr-ips': '192.0.2.0/24' };
    const server = await startPowerDns({ binary, zones: { 'acme.test': ZONE_FILE }, settings, api: false });
    try {
      const error = await failure(server);
      expect(error).toMatchObject({ code: 'E_AXFR', message: expect.stringMatching(/answers (NOTAUTH|REFUSED)/) });
      expect(error.hint).toContain('allow-axfr-ips');
    } finally {
      await server.stop();
    }
  });

  it('comes whole where it takes several messages', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `w${i} 60 IN LUA A "pickrandom({'192.0.2.${i % 250}'})"`);
    const zones = { 'acme.test': `${ZONE_FILE}${lines.join('\n')}\n` };
    const server = await startPowerDns({ binary, zones, settings: { 'allow-axfr-ips': '127.0.0.0/8' }, api: false });
    try {
      const { records } = await transferZone(server, 'acme.test', limits);
      expect(new Set(records.map(({ owner }) => owner.toLowerCase())).size).toBe(5000 + OWNERS);
    } finally {
      await server.stop();
    }
  });
});

function lineOf(each: ResourceRecord): string {
  const data =
    each.kind === 'lua'
      ? `LUA ${each.type} ${each.text}`
      : `${each.type} ${canonicalRdata(each.type, each.rdata, PROFILES['5.1'].text)}`;
  return `${each.owner} ${each.ttlSeconds} ${data}`;
}

/** A transfer cuts the one chunk that is too long for a string. */
function asCut(line: string): string {
  const match = /^(long\S* 30 LUA A )"(.{255})(.+)"$/.exec(line);
  return match === null ? line : `${match[1]}"${match[2]}" "${match[3]}"`;
}

function record(name: string, type: string, data: unknown): Answer {
  return { name, type, ttl: 60, class: 'IN', data } as Answer;
}

function message(id: number, answers: readonly Answer[], other: packet.Packet = {}): Buffer {
  return packet.encode({
    type: 'response',
    id,
    questions: [{ name: 'acme.test', type: 'AXFR' }],
    answers: [...answers],
    ...other,
  });
}

function assemble(...pieces: Buffer[]) {
  const frames = new TcpFrames();
  const assembly = new ZoneAssembly('acme.test.', 1);
  return pieces.flatMap((piece) => frames.push(piece).map((frame) => assembly.add(readMessage(frame)))).find(Boolean);
}

async function failure(server: ServerAddress, options = limits, name = 'acme.test'): Promise<UserError> {
  const error = await transferZone(server, name, options).catch((reason: unknown) => reason);
  if (error instanceof UserError) return error;
  throw new Error(`the transfer did not fail with a UserError: ${String(error)}`);
}

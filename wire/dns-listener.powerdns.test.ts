/** The listener beside real servers: the same questions, the same content, and every byte of every reply compared. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bindBackendOrder } from '../simulator/zone/backend-order.ts';
import { isSubdomain, lowerCaseName } from '../simulator/zone/name.ts';
import { typeNumber } from '../simulator/zone/record-type.ts';
import { parseZoneFile } from '../simulator/zone/zonefile.ts';
import { describeForEachServer } from '../test/powerdns/for-each-server.ts';
import { type DnsListener, listenDns } from './dns-listener.ts';
import type { DnsQuery } from './dns-query.ts';
import type { DnsReply } from './dns-reply.ts';
import { standingReply } from './dns-standing-reply.ts';
import {
  ecsBytes,
  optBytes,
  optionBytes,
  type QueryParts,
  queryBytes,
  recordBytes,
  u8,
  u16,
} from './fixtures/query-bytes.ts';
import type { DnsRecord } from './message.ts';
import { type RunningPowerDns, startPowerDns } from './rig/rig.ts';
import { TcpFrames, tcpFrame } from './tcp-frames.ts';

const apex = 'example.org.';
const long = Array.from({ length: 34 }, (_, index) => String.fromCharCode(97 + (index % 26))).join('.');
const repeat = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

const zoneText = `$TTL 60
@ 3600 IN SOA ns1 host\\.master 7 3600 600 86400 60
@ IN NS ns1
@ IN NS ns2.example.net.
@ IN MX 10 mail
@ IN MX 20 mail.example.net.
@ IN TXT "v=spf1 -all" "two"
ns1 IN A 192.0.2.53
ns1 IN AAAA 2001:db8::53
mail IN A 192.0.2.25
www IN A 192.0.2.10
www IN A 192.0.2.11
www IN AAAA 2001:db8::10
CamelCase IN A 192.0.2.7
alias IN CNAME www
chain IN CNAME alias
_sip._tcp IN SRV 10 20 5060 mail
_sip._tcp IN SRV 10 20 5061 deep.target
text IN TXT "a\\"b" "\\001\\255" "" "ü"
long IN TXT "${'x'.repeat(255)}" "y"
caa IN CAA 0 issue "ca.example; x=y"
naptr IN NAPTR 100 10 "u" "sip+E2U" "!^.*$!sip:x@example.org!" .
https IN HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1
svcb IN SVCB 16 foo.example.org. mandatory=alpn,port alpn=h2,h3-19 port=53 key65333=hello ech="AEP+DQA="
loc IN LOC 42 21 54.5 S 71 06 18.25 W -24m 30m 100m 2m
sshfp IN SSHFP 1 1 0123456789abcdef0123456789abcdef01234567
tlsa IN TLSA 3 1 1 0123456789abcdef
dnskey IN DNSKEY 257 3 13 AQIDBAUG
csync IN CSYNC 66 3 A NS AAAA
uri IN URI 10 1 "ftp://ftp.example.com/"
rp IN RP admin.example.org. www.example.org.
minfo IN MINFO www.example.org. mail.example.org.
eui IN EUI64 00-00-5e-ef-10-00-00-2a
l64 IN L64 10 2001:0db8:1140:1000
odd IN TYPE65500 \\# 4 01020304
${long} IN MX 1 ${long}
x.${long} IN MX 1 ${long}
${repeat(20, (i) => `big IN TXT "${String(i).padStart(40, 'x')}"`)}
${repeat(900, (i) => `huge IN MX ${i} host${i}.of.number${i % 50}`)}
${repeat(1_500, (i) => `monster IN TXT "${String(i).padStart(60, 'x')}"`)}
`;

const records: readonly DnsRecord[] = bindBackendOrder(
  parseZoneFile(zoneText, { file: 'example.org.zone', origin: apex }),
).flatMap((record) => (record.kind === 'static' ? [record] : []));
const recordsByOwner = Map.groupBy(records, ({ owner }) => lowerCaseName(owner));

/** A static zone without wildcards and delegations, as PowerDNS answers from one. */
function staticAnswer(query: DnsQuery): DnsReply {
  if (!isSubdomain(query.name, apex)) return { rcode: 'REFUSED', authoritative: false };
  const authoritative = query.class !== 'ANY';
  if (query.type === 'RRSIG') return { rcode: 'REFUSED', authoritative };
  const answers: DnsRecord[] = [];
  let name = query.name;
  for (let found = cnameAt(name); found !== undefined && query.type !== 'CNAME'; found = cnameAt(name)) {
    answers.push({ ...found, owner: name });
    name = found.rdata;
  }
  const atName = recordsByOwner.get(lowerCaseName(name)) ?? [];
  const wanted = atName.filter((record) => isTaken(record, query)).map((record) => ({ ...record, owner: name }));
  answers.push(...wanted);
  const exists = atName.length > 0 || records.some(({ owner }) => isSubdomain(owner, name));
  const authority = wanted.length > 0 ? [] : records.filter(({ type }) => type === 'SOA');
  return {
    rcode: exists ? 'NOERROR' : 'NXDOMAIN',
    authoritative,
    answers,
    authority: authority.map((soa) => ({ ...soa, ttlSeconds: 60 })),
    additional: wanted.length > 0 ? addressesOfTargets(wanted) : [],
  };
}

function isTaken({ type }: DnsRecord, query: DnsQuery): boolean {
  return type === query.type || query.type === 'ANY';
}

function cnameAt(name: string): DnsRecord | undefined {
  return recordsByOwner.get(lowerCaseName(name))?.find(({ type }) => type === 'CNAME');
}

function addressesOfTargets(wanted: readonly DnsRecord[]): DnsRecord[] {
  const targets = wanted
    .filter(({ type }) => ['NS', 'MX', 'SRV'].includes(type))
    .map(({ rdata }) => rdata.split(' ').at(-1) ?? '');
  return [...new Set(targets)].flatMap((target) =>
    (recordsByOwner.get(lowerCaseName(target)) ?? [])
      .filter(({ type }) => type === 'A' || type === 'AAAA')
      .map((record) => ({ ...record, owner: target })),
  );
}

describeForEachServer('the DNS listener beside', (binary) => {
  let server: RunningPowerDns | undefined;
  let listener: DnsListener | undefined;

  beforeAll(async () => {
    server = await startPowerDns({
      binary,
      api: false,
      zones: { 'example.org': zoneText },
      settings: { 'no-shuffle': 'yes', 'server-id': 'rig', 'allow-axfr-ips': '192.0.2.1' },
    });
    const manners = {
      versionString: `PowerDNS Authoritative Server ${binary.version}`,
      serverId: 'rig',
      anyToTcp: true,
    };
    listener = await listenDns({
      address: '127.0.0.1',
      port: 0,
      maxTcpConnections: 20,
      idleTimeoutMs: 5_000,
      answer: (query, { transport }) => ({
        ...(standingReply(query, transport, manners) ?? staticAnswer(query)),
        serverId: manners.serverId,
        ecsScope: scopeOfClient(query, binary.line),
      }),
    });
  });

  afterAll(async () => {
    await listener?.close();
    await server?.stop();
  });

  /** Compares replies over both transports, one question after the other. */
  const compare = async (questions: readonly Buffer[]) => {
    const ports = [server?.port ?? 0, listener?.port ?? 0];
    for (const question of questions) {
      for (const exchange of [exchangeUdp, exchangeTcp]) {
        const replies = await Promise.all(ports.map((port) => exchange(port, question)));
        const [real, own] = await Promise.all(
          replies.map((reply, i) => unhurried(reply, replies, ports[i] ?? 0, question)),
        );
        expect(own, `${exchange.name} ${question.toString('hex')}`).toBe(real);
      }
    }
  };

  const questions = (...parts: readonly QueryParts[]) => parts.map(queryBytes);
  const edns = (...options: Buffer[]): Pick<QueryParts, 'records'> => ({ records: [optBytes({ options })] });

  it('says the same for every name and type of a zone', async () => {
    const asked = new Map(records.map(({ owner, type }) => [`${owner} ${type}`, { owner, type }]));
    for (const { owner, type } of asked.values()) {
      const number = typeNumber(type) ?? 0;
      await compare(questions({ name: owner, type: number }, { name: owner.toUpperCase(), type: number, ...edns() }));
    }
  });

  it('says the same where there is nothing, or not here', async () => {
    for (const type of [1, 2, 5, 15, 46, 255, 999]) {
      for (const name of ['nope.example.org.', 'tcp.example.org.', '_tcp.example.org.', 'www.example.com.', '.']) {
        await compare(questions({ name, type }));
      }
      await compare(
        questions({ type }, { name: 'CHAIN.eXample.org.', type, class: 255 }, { name: apex, type, class: 3 }),
      );
    }
  });

  it('echoes the same flags, and drops the same messages', async () => {
    const flags = [0, 0x0110, 0x0120, 0x0140, 0x0080, 0x0403];
    await compare(questions(...flags.map((bits) => ({ flags: bits }))));
    const nothing = { counts: [0, 0, 0, 0], question: u8() };
    const twice = { counts: [2, 0, 0, 0], question: Buffer.concat([u8(0), u16(1, 1), u8(0), u16(1, 1)]) };
    const lacking = { counts: [1, 0, 0, 1] };
    const dropped = questions({ flags: 0x8000 }, { flags: 0x0200 }, { flags: 0x1000 }, nothing, twice, lacking);
    await Promise.all([...dropped, queryBytes().subarray(0, 20)].map((question) => compare([question])));
  });

  it('refuses the same operations, classes and names', async () => {
    for (const opcode of [4, 5]) {
      await compare(questions({ flags: opcode << 11, name: apex, type: 6 }, { flags: opcode << 11, ...edns() }));
    }
    await compare(questions(...[0, 2, 4, 254, 1000].map((number) => ({ class: number }))));
    for (const name of ['version.bind.', 'Version.PDNS.', 'id.server.', 'hostname.bind.']) {
      await compare(questions({ name, type: 16, class: 3, ...edns() }, { name, class: 3 }, { name, type: 16 }));
    }
    await compare(
      questions(
        ...['a;b', 'a\\200', 'a\\.b', 'a\\000', 'a*b', 'a\\032b'].map((label) => ({ name: `${label}.${apex}` })),
      ),
    );
    const key = recordBytes(u8(0), 249, 255, Buffer.alloc(17));
    await compare(questions({ type: 249 }, { type: 249, records: [key] }, { type: 251, name: apex }));
    await compare(
      questions({ records: [optBytes({ version: 1, dnssecOk: true, options: [ecsBytes(1, 9, 0, [10, 255])] })] }),
    );
  });

  it('reads client subnets alike, good and bad', async () => {
    const options = [
      ...[0, 1, 8, 20, 24, 31, 32, 33].map((bits) =>
        ecsBytes(
          1,
          bits,
          0,
          Array.from({ length: (bits + 7) >> 3 }, () => 255),
        ),
      ),
      ...[0, 3, 48, 56, 57, 128, 129].map((bits) =>
        ecsBytes(
          2,
          bits,
          0,
          Array.from({ length: (bits + 7) >> 3 }, () => 255),
        ),
      ),
      ...[16, 24, 32, 33, 200].flatMap((scope) => [
        ecsBytes(1, 24, scope, [10, 1, 2]),
        ecsBytes(2, 16, scope, [32, 1]),
      ]),
      ...[
        ecsBytes(1, 24, 0, [10, 1]),
        ecsBytes(1, 24, 0, [10, 1, 2, 3]),
        ecsBytes(0, 0, 0, []),
        ecsBytes(3, 8, 0, [1]),
      ],
      ...[optionBytes(8, u8()), optionBytes(8, u8(0, 1, 0)), optionBytes(3, u8()), optionBytes(10, u8(1, 2, 3))],
    ];
    await compare(questions(...options.map((option) => edns(option))));
    const [good, bad] = [ecsBytes(1, 24, 0, [10, 1, 2]), ecsBytes(1, 24, 0, [10])];
    await compare(
      questions(edns(good, bad), edns(bad, good), edns(good, ecsBytes(2, 8, 0, [32])), edns(good, u8(0, 3, 0, 9))),
    );
  });

  it('truncates at the same byte', async () => {
    const big = { name: `big.${apex}`, type: 16 };
    await compare(
      questions(big, ...[0, 512, 1232, 4096].map((udpSize) => ({ ...big, records: [optBytes({ udpSize })] }))),
    );
    const tails = [[], [ecsBytes(1, 8, 0, [10])], [ecsBytes(2, 0, 0, []), optionBytes(3, u8())]];
    for (let udpSize = 1_080; udpSize < 1_180; udpSize += 1) {
      await compare(questions(...tails.map((options) => ({ ...big, records: [optBytes({ udpSize, options })] }))));
    }
  });
});

/** What a reply's scope is where no record narrows it: 4.7 ignores the client's, 4.9 cuts it to the address, 5.1 does not. */
function scopeOfClient({ edns }: DnsQuery, line: string): number {
  const { prefix, scope } = edns?.clientSubnet ?? {};
  if (prefix === undefined || scope === undefined || line === '4.7') return 0;
  return line === '4.9' ? Math.min(scope, 8 * prefix.address.bytes.length) : scope;
}

/** The first wait may end while this process is busy and the reply lies in the socket. */
const silenceMs = [150, 500];
const longSilenceMs = [5_000];

/** The reply of one side. Where it alone is silent, it may have been too busy to answer in time, and is asked again. */
function unhurried(
  reply: string,
  replies: readonly string[],
  port: number,
  question: Buffer,
): Promise<string> | string {
  const isAlone = reply === 'silence' && replies.some((other) => other !== 'silence');
  return isAlone ? exchangeUdp(port, question, longSilenceMs) : reply;
}

async function exchangeUdp(port: number, question: Buffer, waitsMs = silenceMs): Promise<string> {
  const socket = dgram.createSocket('udp4');
  const reply = new Promise<string>((resolve) => {
    socket.once('message', (bytes) => resolve(bytes.toString('hex')));
  });
  let text = 'silence';
  for (const waitMs of waitsMs) {
    if (text !== 'silence') break;
    socket.send(question, port, '127.0.0.1');
    text = await Promise.race([reply, sleep(waitMs, 'silence')]);
  }
  socket.close();
  return text;
}

async function exchangeTcp(port: number, question: Buffer): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  const frames = new TcpFrames();
  const reply = new Promise<string>((resolve) => {
    socket.on('data', (bytes) => {
      const [message] = frames.push(bytes);
      if (message !== undefined) resolve(message.toString('hex'));
    });
    socket.on('error', () => resolve('hung up'));
    socket.on('close', () => resolve('hung up'));
  });
  await once(socket, 'connect');
  socket.write(tcpFrame(question));
  const text = await reply;
  socket.destroy();
  return text;
}

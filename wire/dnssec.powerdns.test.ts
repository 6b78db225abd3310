import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Prefix, parsePrefix } from '../geoip/address.ts';
import { UserError } from '../input/errors.ts';
import { describeForEachServer } from '../test/powerdns/for-each-server.ts';
import { verifyAnswer, type ZoneKeys } from './dnssec.ts';
import { askSigned, fetchDnskeys } from './dnssec-ask.ts';
import type { SignedMessage } from './dnssec-message.ts';
import type { DnsQuestion } from './message.ts';
import { type RunningPowerDns, startPowerDns } from './rig/rig.ts';

/** What real servers of each release line sign, and what of it a validator would not believe. */

const timeoutMs = 2_000;
const nowSeconds = Date.now() / 1000;

/** How the zones deny: `narrow` makes NSEC3s up for each question. */
const denials = {
  'nsec.test': {},
  'nsec3.test': { nsec3param: '1 0 3 ab' },
  'narrow.test': { nsec3param: '1 0 0 -', nsec3narrow: true },
};
const algorithms = ['rsasha256', 'rsasha512', 'ecdsa256', 'ecdsa384', 'ed25519', 'ed448'] as const;
const staticTypes = ['A', 'MX', 'SRV', 'TXT', 'NAPTR', 'PTR', 'RP', 'AFSDB', 'KX', 'MINFO', 'CAA', 'HTTPS', 'ANY'];
const plainZone = 'plain.test';

const zoneText = (zone: string, port: number) => `$ORIGIN ${zone}.
$TTL 60
@ 3600 IN SOA ns hostmaster 7 3600 600 86400 300
@ IN NS ns
ns IN A 127.0.0.1
www IN A 192.0.2.1
www IN A 192.0.2.2
www IN MX 10 MAIL.Example.NET.
www IN SRV 1 2 3 MAIL
www IN TXT "Hello" "world"
www IN PTR MAIL
www IN RP Admin Text
www IN AFSDB 1 MAIL
www IN KX 1 MAIL
www IN CAA 0 issue "CA.Example.net"
www IN MINFO Aa Bb
www IN HTTPS 1 mail.example.net. alpn=h2
loud IN HTTPS 1 MAIL.Example.NET. alpn=h2
loud IN SVCB 1 MAIL.Example.NET.
www IN NAPTR 100 10 "U" "E2U+sip" "!^.*$!sip:x@Example.org!" RePlace
alias IN CNAME www
dangling IN CNAME nothing
out IN CNAME www.example.net.
a.ent IN A 192.0.2.3
pick IN LUA A "pickrandom({'192.0.2.11','192.0.2.12'})"
several IN LUA A "{'192.0.2.11','192.0.2.12','192.0.2.11'}"
mixed 300 IN A 192.0.2.50
mixed 60 IN LUA A "'192.0.2.51'"
up IN LUA A "ifportup(${port}, {'127.0.0.1'})"
client IN LUA TXT "bestwho:toString()"
luacname IN LUA CNAME "'www.${zone}'"
topick IN CNAME pick
empty IN LUA A "{}"
*.wild IN LUA A "pickrandom({'192.0.2.21','192.0.2.22'})"
*.static IN A 192.0.2.31
*.cname IN CNAME pick
*.empty IN LUA A "{}"
child IN NS ns.child
ns.child IN A 127.0.0.1
`;

describeForEachServer('signed answers', (binary) => {
  let server: RunningPowerDns | undefined;
  let target: Server;
  let skipReason: string | undefined;
  const keys = new Map<string, ZoneKeys>();

  beforeAll(async () => {
    target = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => target.once('listening', resolve));
    const zones = [...Object.keys(denials), plainZone, ...algorithms.map((algorithm) => `${algorithm}.test`)];
    server = await startPowerDns({
      binary,
      backend: 'gsqlite3',
      zones: Object.fromEntries(zones.map((zone) => [zone, zoneText(zone, portOf(target))])),
      settings: { 'gsqlite3-dnssec': 'yes', 'cache-ttl': '0', 'negquery-cache-ttl': '0', 'query-cache-ttl': '0' },
    }).catch((error: unknown) => {
      const withoutSqlite = error instanceof UserError && error.code === 'E_RIG_SCHEMA';
      if (!withoutSqlite || binary.origin !== 'PDNS_SERVER') throw error;
      skipReason = error.describe();
      return undefined;
    });
    if (server === undefined) return;
    for (const [zone, settings] of Object.entries(denials)) {
      await api(server, 'PUT', zone, { dnssec: true, api_rectify: true, ...settings });
    }
    for (const algorithm of algorithms) {
      const bits = algorithm.startsWith('rsa') ? { bits: 1024 } : {};
      for (const keytype of ['ksk', 'zsk']) {
        await api(server, 'POST', `${algorithm}.test./cryptokeys`, { keytype, algorithm, active: true, ...bits });
      }
      await api(server, 'PUT', `${algorithm}.test./rectify`, {});
    }
  });

  afterAll(async () => {
    await server?.stop();
    target.close();
  });

  beforeEach((test) => {
    if (skipReason !== undefined) test.skip(skipReason);
  });

  /** Asks and judges; the keys of a zone are fetched once. */
  async function judge(zone: string, label: string, type: string, options: { ecs?: Prefix; tcp?: boolean } = {}) {
    const { message, question, response } = await asked(zone, label, type, options);
    const dnskeys = await keysOf(zone);
    const verdict = verifyAnswer({ message, question, dnskeys, nowSeconds });
    const rdatas = response.answers.filter((answer) => answer.type === type).map(({ rdata }) => rdata);
    return { verdict, message, question, dnskeys, rcode: response.rcode, rdatas: rdatas.toSorted() };
  }

  async function asked(zone: string, label: string, type: string, options: { ecs?: Prefix; tcp?: boolean } = {}) {
    const { ecs, tcp = false } = options;
    const name = label === '@' ? `${zone}.` : `${label}.${zone}.`;
    const question: DnsQuestion = { name, type, ...(ecs === undefined ? {} : { ecs }) };
    const reply = await askSigned(started(), question, { timeoutMs, tcp });
    if (reply.kind === 'failed') throw new Error(`${name} ${type}: ${reply.reason}`);
    return { ...reply, question };
  }

  async function keysOf(zone: string): Promise<ZoneKeys> {
    const known = keys.get(zone);
    if (known !== undefined) return known;
    const fetched = await fetchDnskeys(started(), zone, { timeoutMs, nowSeconds });
    if (fetched.kind !== 'keys') throw new Error(`no keys of ${zone}: ${JSON.stringify(fetched)}`);
    keys.set(zone, fetched.keys);
    return fetched.keys;
  }

  function started(): RunningPowerDns {
    if (server === undefined) throw new Error('no server');
    return server;
  }

  const signed = expect.objectContaining({ kind: 'signed' });
  const invalid = (why: string) => ({ kind: 'invalid', why: expect.stringContaining(why) });

  describe.each(Object.keys(denials))('of zone %s', (zone) => {
    it('verify with static records of any type, in any case', async () => {
      for (const type of staticTypes) {
        expect(await judge(zone, 'wWw', type), type).toMatchObject({ verdict: signed, rcode: 'NOERROR' });
      }
      expect(await judge(zone, '@', 'SOA')).toMatchObject({ verdict: signed });
      expect(await judge(zone, '@', 'DNSKEY')).toMatchObject({ verdict: signed });
    });

    it('verify with what LUA records yield, with and without a client network, over UDP and TCP', async () => {
      const ecs = parsePrefix('203.0.113.0/24');
      for (const options of [{}, { tcp: true }, ...(ecs === undefined ? [] : [{ ecs }])]) {
        for (const label of ['pick', 'several', 'up', 'mixed', 'luacname']) {
          expect(await judge(zone, label, 'A', options), label).toMatchObject({ verdict: signed, rcode: 'NOERROR' });
        }
      }
      const client = ecs === undefined ? {} : { ecs };
      expect(await judge(zone, 'client', 'TXT', client)).toMatchObject({ verdict: signed, rdatas: ['"203.0.113.0"'] });
      expect(await judge(zone, 'several', 'A')).toMatchObject({ rdatas: ['192.0.2.11', '192.0.2.12'] });
    });

    it('verify with what wildcards yield', async () => {
      for (const label of ['x.wild', 'x.y.wild', '*.wild', 'x.static', '*.static', 'x.cname']) {
        expect(await judge(zone, label, 'A'), label).toMatchObject({ verdict: signed, rcode: 'NOERROR' });
      }
    });

    it('verify along CNAMEs, also where they lead nowhere or out of the zone', async () => {
      for (const label of ['alias', 'topick', 'dangling', 'out']) {
        expect(await judge(zone, label, 'A'), label).toMatchObject({ verdict: signed });
      }
      expect(await judge(zone, 'alias', 'AAAA')).toMatchObject({ verdict: signed, rcode: 'NOERROR' });
    });

    it('verify when they are empty by rights', async () => {
      for (const label of ['www', 'pick', 'ent', 'x.wild', 'x.static', '*.wild', '@']) {
        const answer = await judge(zone, label, 'AAAA');
        expect(answer, label).toMatchObject({ verdict: signed, rcode: 'NOERROR', rdatas: [] });
      }
      expect(await judge(zone, 'child', 'DS')).toMatchObject({ verdict: signed, rcode: 'NOERROR' });
    });

    it('verify when they are NXDOMAIN', async () => {
      for (const label of ['nothing', 'below.www', 'a.nothing.ent', 'a.b.c.nothing', '0', 'zzz']) {
        expect(await judge(zone, label, 'A'), label).toMatchObject({ verdict: signed, rcode: 'NXDOMAIN' });
      }
    });

    it('are forged in the eyes of a validator where a LUA record yields nothing', async () => {
      for (const label of ['empty', 'x.empty']) {
        const answer = await judge(zone, label, 'A');
        expect(answer, label).toMatchObject({ verdict: invalid('lists A'), rcode: 'NOERROR', rdatas: [] });
      }
    });

    it('do not verify with capitals in the target of an HTTPS or SVCB record, which PowerDNS signs in lower case', async () => {
      for (const type of ['HTTPS', 'SVCB']) {
        expect(await judge(zone, 'loud', type), type).toMatchObject({ verdict: invalid('does not verify') });
      }
    });

    it('are not judged below a zone cut', async () => {
      expect(await judge(zone, 'x.child', 'A')).toMatchObject({ verdict: { kind: 'unknown' } });
    });

    it('do not verify once anything in them is changed', async () => {
      for (const [label, type] of [
        ['pick', 'A'],
        ['x.wild', 'A'],
        ['nothing', 'A'],
      ] as const) {
        const { verdict, message, question, dnskeys } = await judge(zone, label, type);
        expect(verdict).toEqual(signed);
        const judged = (changed: SignedMessage, at = nowSeconds) =>
          verifyAnswer({ message: changed, question, dnskeys, nowSeconds: at }).kind;
        expect(judged(message)).toBe('signed');
        expect(judged(message, nowSeconds - 60 * 86_400)).toBe('invalid');
        expect(judged(message, nowSeconds + 60 * 86_400)).toBe('invalid');
        for (const changed of everyChange(message)) expect(judged(changed)).not.toBe('signed');
        expect(judged(withTtl(message, 86_401))).toBe('invalid');
        const foreign = await keysOf('ecdsa256.test');
        const withForeignKeys = verifyAnswer({
          message,
          question,
          dnskeys: { ...foreign, zone: dnskeys.zone },
          nowSeconds,
        });
        expect(withForeignKeys).toMatchObject(invalid('is not among the DNSKEYs'));
      }
    });
  });

  it.each(algorithms)('verify with a KSK and a ZSK of %s', async (algorithm) => {
    const zone = `${algorithm}.test`;
    const { keys: published } = await keysOf(zone);
    expect(published.map(({ flags }) => flags).toSorted()).toEqual([256, 257]);
    const signer = published.find(({ flags }) => flags === 256)?.keyTag;
    for (const [label, type] of [
      ['pick', 'A'],
      ['x.wild', 'A'],
      ['www', 'AAAA'],
      ['nothing', 'A'],
    ] as const) {
      expect(await judge(zone, label, type), label).toMatchObject({ verdict: { kind: 'signed', keyTag: signer } });
    }
  });

  it('of a zone that is not signed are unsigned, and it has no keys', async () => {
    const fetched = await fetchDnskeys(started(), plainZone, { timeoutMs, nowSeconds });
    expect(fetched).toMatchObject({ kind: 'unsigned' });
    const { message, question } = await asked(plainZone, 'pick', 'A');
    const dnskeys = { ...(await keysOf('nsec.test')), zone: `${plainZone}.` };
    expect(verifyAnswer({ message, question, dnskeys, nowSeconds })).toMatchObject({ kind: 'unsigned' });
  });

  it('of a zone that the server does not have bring no keys', async () => {
    expect(await fetchDnskeys(started(), 'absent.test', { timeoutMs, nowSeconds })).toEqual({
      kind: 'failed',
      reason: 'the server answers REFUSED for the DNSKEYs of absent.test',
    });
  });
});

async function api(server: RunningPowerDns, method: string, path: string, body: object): Promise<void> {
  const absolute = path.includes('/') ? path : `${path}.`;
  const response = await fetch(`${server.apiUrl}/api/v1/servers/localhost/zones/${absolute}`, {
    method,
    headers: { 'x-api-key': server.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`${method} ${absolute}: ${response.status} ${said}`);
}

/** The message with one bit changed in the data of one record, for each of some places in every record. */
function* everyChange(message: SignedMessage): Generator<SignedMessage> {
  for (const section of ['answers', 'authority'] as const) {
    for (const [index, record] of message[section].entries()) {
      for (let at = 0; at < record.rdata.length; at += 7) {
        const rdata = Buffer.from(record.rdata);
        rdata.writeUInt8(rdata.readUInt8(at) ^ 1, at);
        yield { ...message, [section]: message[section].with(index, { ...record, rdata }) };
      }
    }
  }
}

function withTtl(message: SignedMessage, ttlSeconds: number): SignedMessage {
  const raised = (records: SignedMessage['answers']) => records.map((record) => ({ ...record, ttlSeconds }));
  return { ...message, answers: raised(message.answers), authority: raised(message.authority) };
}

function portOf(listener: Server): number {
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

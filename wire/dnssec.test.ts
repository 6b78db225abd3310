import type { Answer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wireName } from '../simulator/zone/name.ts';
import { type Verification, verifyAnswer, verifyDnskeys, type ZoneKeys } from './dnssec.ts';
import { readSignedMessage, type SignedMessage, type SignedRecord } from './dnssec-message.ts';
import { labelsOfName } from './dnssec-name.ts';
import { nsec3Hash } from './dnssec-nsec3.ts';
import { replyBytes, type SignOptions, signedAtSeconds, type ZoneSigner, zoneSigner } from './fixtures/zone-signer.ts';
import { MalformedMessage } from './raw-name.ts';

const zone = 'example.org';
const ksk = zoneSigner(zone, 13, 257);
const zsk = zoneSigner(zone, 13, 256);
const sign = (records: readonly Answer[], options?: SignOptions) => zsk.sign(records, options);

const a = (name: string, data = '192.0.2.1', ttl = 60): Answer => ({ type: 'A', name, ttl, data });
const cname = (name: string, data: string): Answer => ({ type: 'CNAME', name, ttl: 60, data });
const nsec = (name: string, nextDomain: string, rrtypes: string[]): Answer => ({
  type: 'NSEC',
  name,
  ttl: 300,
  data: { nextDomain, rrtypes },
});
const soaRecord: Answer = {
  type: 'SOA',
  name: zone,
  ttl: 300,
  data: { mname: `ns.${zone}`, rname: `hostmaster.${zone}`, serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 300 },
};
const soa = sign([soaRecord]);

interface Sections {
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly rcode?: number;
}

function verify(
  name: string,
  type: string,
  sections: Sections,
  more: Partial<Parameters<typeof verifyAnswer>[0]> = {},
) {
  const message = readSignedMessage(replyBytes(sections));
  return verifyAnswer({ message, question: { name, type }, dnskeys: keys, nowSeconds: signedAtSeconds, ...more });
}

function fetchedKeys(...parts: readonly (readonly Answer[])[]) {
  return verifyDnskeys(readSignedMessage(replyBytes({ answers: parts.flat() })), `${zone}.`, signedAtSeconds);
}

function keysOf(signers: readonly ZoneSigner[], by: ZoneSigner): ZoneKeys {
  const fetched = fetchedKeys(by.sign(signers.map(({ dnskey }) => dnskey)));
  if (fetched.kind !== 'keys') throw new Error(`no keys: ${JSON.stringify(fetched)}`);
  return fetched.keys;
}

const keys = keysOf([ksk, zsk], ksk);
const signed = expect.objectContaining({ kind: 'signed', keyTag: zsk.keyTag });
const invalid = (why: string) => ({ kind: 'invalid', why: expect.stringContaining(why) });

describe('an answer', () => {
  const www = [a('www.example.org', '192.0.2.2'), a('www.example.org', '192.0.2.1')];

  test('is signed until its signature ends', () => {
    expect(verify('www.example.org.', 'A', { answers: sign(www) })).toEqual({
      kind: 'signed',
      keyTag: zsk.keyTag,
      expiresAtSeconds: signedAtSeconds + 14 * 86_400,
    });
  });

  test.each([8, 10, 13, 14, 15, 16])('is signed with algorithm %i', (algorithm) => {
    const csk = zoneSigner(zone, algorithm);
    const answers = csk.sign(www);
    const dnskeys = keysOf([csk], csk);
    expect(verify('www.example.org', 'A', { answers }, { dnskeys })).toMatchObject({ kind: 'signed' });
    const forged = [a('www.example.org', '192.0.2.3'), ...answers.slice(1)];
    expect(verify('www.example.org', 'A', { answers: forged }, { dnskeys })).toMatchObject(invalid('does not verify'));
  });

  test('is unknown with an algorithm that is not checked here', () => {
    const gost = zoneSigner(zone, 12);
    const dnskeys = {
      ...keys,
      keys: [{ flags: 257, protocol: 3, algorithm: 12, keyTag: gost.keyTag, publicKey: Buffer.alloc(64) }],
    };
    expect(verify('www.example.org', 'A', { answers: gost.sign(www) }, { dnskeys })).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('algorithm 12'),
    });
  });

  test('is signed in any order, any case and with a record twice', () => {
    const [first, second, rrsig] = sign(www);
    const shuffled = [rrsig, second, first, second].flatMap((record) => record ?? []);
    expect(verify('WWW.Example.ORG', 'A', { answers: shuffled })).toEqual(signed);
    const mx = (name: string, exchange: string): Answer => ({
      type: 'MX',
      name,
      ttl: 60,
      data: { preference: 10, exchange },
    });
    const [, mxRrsig] = sign([mx('example.org', 'mail.example.org')]);
    const loud = [mx('EXAMPLE.org', 'MAIL.example.org'), mxRrsig].flatMap((record) => record ?? []);
    expect(verify('example.org', 'MX', { answers: loud })).toEqual(signed);
  });

  test('is signed by one good RRSIG among bad ones', () => {
    const stranger = zoneSigner(zone, 13);
    const [strange] = stranger.sign(www).slice(2);
    const answers = [...(strange === undefined ? [] : [strange]), ...sign(www)];
    expect(verify('www.example.org', 'A', { answers })).toEqual(signed);
  });

  test('is unsigned without RRSIGs', () => {
    expect(verify('www.example.org', 'A', { answers: www })).toMatchObject({ kind: 'unsigned' });
    expect(verify('www.example.org', 'A', {})).toMatchObject({ kind: 'unsigned' });
  });

  test('is unsigned where one of its rrsets is', () => {
    const answers = [...sign([cname('alias.example.org', 'www.example.org')]), ...www];
    expect(verify('alias.example.org', 'A', { answers })).toEqual({
      kind: 'unsigned',
      what: 'the A rrset of www.example.org. has no RRSIG',
    });
  });

  test('is invalid with a record more or less than was signed', () => {
    const [first, second, rrsig] = sign(www);
    const some = (...records: readonly (Answer | undefined)[]) => records.flatMap((record) => record ?? []);
    const forged = a('www.example.org', '192.0.2.66');
    for (const answers of [some(first, rrsig), some(first, second, forged, rrsig), some(first, forged, rrsig)]) {
      expect(verify('www.example.org', 'A', { answers })).toMatchObject(invalid('does not verify'));
    }
  });

  test('is invalid before and after its time, across the wrap of 32 bits too', () => {
    const wrap = 2 ** 32;
    const answers = sign(www, { inception: wrap - 1000, expiration: 1000 });
    const at = (nowSeconds: number) => verify('www.example.org', 'A', { answers }, { nowSeconds });
    expect(at(wrap - 1001)).toMatchObject(invalid('holds from 2106-02-07T06:11:36'));
    expect(at(wrap - 1)).toMatchObject({ kind: 'signed', expiresAtSeconds: wrap + 1000 });
    expect(at(wrap + 1000)).toMatchObject({ kind: 'signed', expiresAtSeconds: wrap + 1000 });
    expect(at(wrap + 1001)).toMatchObject(invalid('expired at 2106-02-07T06:44:56'));
  });

  test('is invalid with a TTL above the signed one, signed with one below', () => {
    const [rrsig] = sign(www).slice(2);
    const withTtl = (...ttls: readonly number[]) => [
      ...ttls.map((ttl, index) => a('www.example.org', `192.0.2.${index + 1}`, ttl)),
      ...(rrsig === undefined ? [] : [rrsig]),
    ];
    expect(verify('www.example.org', 'A', { answers: withTtl(61, 61) })).toMatchObject(invalid('TTL 61, above the 60'));
    expect(verify('www.example.org', 'A', { answers: withTtl(5, 5) })).toEqual(signed);
    // As a LUA record beside a static one of another TTL.
    expect(verify('www.example.org', 'A', { answers: withTtl(60, 300) })).toEqual(signed);
  });

  test('is invalid where another zone signed it', () => {
    expect(verify('www.example.org', 'A', { answers: sign(www, { signer: 'org' }) })).toMatchObject(
      invalid('signed by org.'),
    );
    expect(verify('www.example.org', 'A', { answers: sign(www, { signer: 'other.example.org' }) })).toMatchObject(
      invalid('signed by other.example.org.'),
    );
  });

  test('is unknown where a zone below signed it', () => {
    const answers = sign([a('www.child.example.org')], { signer: 'child.example.org' });
    expect(verify('www.child.example.org', 'A', { answers })).toMatchObject({ kind: 'unknown' });
  });

  test('is invalid where its key is not published, revoked or no zone key', () => {
    const answers = sign(www);
    const withKeys = (dnskeys: ZoneKeys) => verify('www.example.org', 'A', { answers }, { dnskeys });
    expect(withKeys({ ...keys, keys: keys.keys.filter(({ flags }) => flags === 257) })).toMatchObject(
      invalid('is not among the DNSKEYs'),
    );
    for (const flags of [0, 256 + 128]) {
      expect(withKeys({ ...keys, keys: keys.keys.map((key) => ({ ...key, flags })) })).toMatchObject(
        invalid('revoked'),
      );
    }
  });

  test('is invalid where it says NXDOMAIN all the same', () => {
    expect(verify('www.example.org', 'A', { answers: sign(www), rcode: 3 })).toMatchObject(invalid('NXDOMAIN'));
  });

  test('follows a CNAME out of the zone no further', () => {
    const answers = [...sign([cname('out.example.org', 'www.example.net')]), a('www.example.net')];
    expect(verify('out.example.org', 'A', { answers })).toEqual(signed);
    expect(verify('out.example.org', 'A', { answers, rcode: 3 })).toEqual(signed);
  });

  test('judges nothing of a child zone that it is told of', () => {
    const answers = [...sign([cname('in.example.org', 'www.child.example.org')]), a('www.child.example.org')];
    expect(verify('in.example.org', 'A', { answers })).toMatchObject({ kind: 'unsigned' });
    expect(verify('in.example.org', 'A', { answers }, { childZones: ['child.example.org.'] })).toEqual(signed);
  });

  test('may hold a CNAME that a signed DNAME makes, and no other', () => {
    const dname = sign([{ type: 'DNAME', name: 'old.example.org', ttl: 60, data: 'new.example.net' }]);
    const made = (target: string) => [...dname, cname('a.b.old.example.org', target)];
    expect(verify('a.b.old.example.org', 'A', { answers: made('a.b.new.example.net') })).toEqual(signed);
    expect(verify('a.b.old.example.org', 'A', { answers: made('b.new.example.net') })).toMatchObject({
      kind: 'unsigned',
    });
    const atTheDname = [...dname, cname('old.example.org', 'new.example.net')];
    expect(verify('old.example.org', 'A', { answers: atTheDname })).toMatchObject({ kind: 'unsigned' });
  });

  test('is unknown for an error, a referral and a name of another zone', () => {
    expect(verify('www.example.org', 'A', { rcode: 2 })).toMatchObject({ kind: 'unknown' });
    const ns: Answer = { type: 'NS', name: 'child.example.org', ttl: 60, data: 'ns.example.net' };
    expect(verify('www.child.example.org', 'A', { authorities: [ns] })).toMatchObject({ kind: 'unknown' });
    expect(verify('www.example.net', 'A', { answers: [a('www.example.net')] })).toMatchObject({ kind: 'unknown' });
    expect(verify('www.example.org', 'RRSIG', { answers: sign(www).slice(2) })).toMatchObject({ kind: 'unknown' });
    expect(verify('www.example.org', 'NONSENSE', { answers: sign(www) })).toMatchObject({ kind: 'unknown' });
  });

  test('is signed until the first of its signatures ends', () => {
    const expiration = signedAtSeconds + 100;
    const target = sign([a('www.example.org')]);
    const alias = sign([cname('alias.example.org', 'www.example.org')], { expiration });
    for (const answers of [
      [...alias, ...target],
      [...target, ...alias],
    ]) {
      expect(verify('alias.example.org', 'A', { answers })).toMatchObject({ expiresAtSeconds: expiration });
    }
  });

  test('is signed by an RSA key whose exponent has its length in three bytes', () => {
    const rsa = zoneSigner(zone, 8);
    const dnskeys = keysOf([rsa], rsa);
    const [key] = dnskeys.keys;
    if (key === undefined) throw new Error('no key');
    const publicKey = Buffer.concat([Buffer.from([0, 0]), key.publicKey]);
    const answers = rsa.sign(www);
    const verdict = verify(
      'www.example.org',
      'A',
      { answers },
      { dnskeys: { ...dnskeys, keys: [{ ...key, publicKey }] } },
    );
    expect(verdict).toMatchObject({ kind: 'signed' });
  });

  test('ends a loop of CNAMEs', () => {
    const answers = [
      ...sign([cname('a.example.org', 'b.example.org')]),
      ...sign([cname('b.example.org', 'a.example.org')]),
    ];
    expect(verify('a.example.org', 'A', { answers })).toEqual(signed);
  });
});

describe('an answer made by a wildcard', () => {
  const answers = sign([a('x.y.wild.example.org')], { labels: 3 });
  const gap = sign([nsec('*.wild.example.org', 'www.example.org', ['A', 'RRSIG', 'NSEC'])]);

  test('needs the proof that no closer name exists', () => {
    expect(verify('x.y.wild.example.org', 'A', { answers, authorities: gap })).toEqual(signed);
    expect(verify('x.y.wild.example.org', 'A', { answers })).toMatchObject(invalid('the wildcard may answer'));
  });

  test('is invalid where the proof shows a closer name', () => {
    for (const [owner, next] of [
      ['a.y.wild.example.org', 'www.example.org'],
      ['*.wild.example.org', 'z.x.y.wild.example.org'],
      ['*.wild.example.org', 'z.y.wild.example.org'],
    ] as const) {
      const authorities = sign([nsec(owner, next, ['A', 'RRSIG', 'NSEC'])]);
      expect(verify('x.y.wild.example.org', 'A', { answers, authorities })).toMatchObject(invalid('closer'));
    }
  });

  test('is invalid where its wildcard would stand above the zone', () => {
    const above = sign([a('x.example.org')], { labels: 1 });
    expect(verify('x.example.org', 'A', { answers: above, authorities: gap })).toMatchObject(invalid('1 labels'));
  });

  test('needs none for the wildcard itself', () => {
    expect(verify('*.wild.example.org', 'A', { answers: sign([a('*.wild.example.org')]) })).toEqual(signed);
  });
});

describe('an empty answer', () => {
  const authority = (...records: readonly Answer[]) => [...soa, ...records.flatMap((record) => sign([record]))];
  const types = ['A', 'RRSIG', 'NSEC'];

  test('is proven by the NSEC of the name', () => {
    const authorities = authority(nsec('www.example.org', 'zzz.example.org', types));
    expect(verify('www.example.org', 'TXT', { authorities })).toEqual(signed);
  });

  test('is invalid where that NSEC lists the type: a LUA record that returned nothing', () => {
    const authorities = authority(nsec('lua.example.org', 'zzz.example.org', types));
    expect(verify('lua.example.org', 'A', { authorities })).toMatchObject(invalid('lists A'));
  });

  test('is invalid where that NSEC lists CNAME or belongs to a delegation', () => {
    const withTypes = (rrtypes: string[]) => authority(nsec('www.example.org', 'zzz.example.org', rrtypes));
    expect(verify('www.example.org', 'TXT', { authorities: withTypes(['CNAME']) })).toMatchObject(
      invalid('lists CNAME'),
    );
    expect(verify('www.example.org', 'TXT', { authorities: withTypes(['NS']) })).toMatchObject(invalid('delegation'));
    expect(verify('www.example.org', 'DS', { authorities: withTypes(['NS']) })).toEqual(signed);
  });

  test('is proven for a name that only has names below it', () => {
    const authorities = authority(nsec('alias.example.org', 'a.ent.example.org', types));
    expect(verify('ent.example.org', 'A', { authorities })).toEqual(signed);
  });

  test('is proven by the NSECs of the gap and of the wildcard', () => {
    const gap = nsec('wild.example.org', 'zzz.example.org', types);
    const wildcard = nsec('*.example.org', 'alias.example.org', ['TXT', 'RRSIG', 'NSEC']);
    expect(verify('x.example.org', 'A', { authorities: authority(gap, wildcard) })).toEqual(signed);
    expect(verify('x.example.org', 'TXT', { authorities: authority(gap, wildcard) })).toMatchObject(
      invalid('lists TXT'),
    );
    expect(verify('x.example.org', 'A', { authorities: authority(gap) })).toMatchObject(invalid('does not exist'));
    expect(verify('x.example.org', 'A', { authorities: authority(wildcard) })).toMatchObject(invalid('no NSEC shows'));
  });

  test('is not proven by the NSEC of a wildcard under another name', () => {
    const [, overWildcard] = sign([nsec('*.example.org', 'zzz.example.org', ['TXT', 'RRSIG', 'NSEC'])]);
    const rrsig = overWildcard && { ...overWildcard, name: 'www.example.org' };
    const authorities = [...soa, nsec('www.example.org', 'zzz.example.org', ['TXT', 'RRSIG', 'NSEC']), rrsig];
    expect(
      verify('www.example.org', 'A', { authorities: authorities.flatMap((record) => record ?? []) }),
    ).toMatchObject(invalid('made by a wildcard'));
  });

  test('is not proven by an NSEC3 that does not stand directly below the apex', () => {
    const hash = nsec3Hash(labelsOfName('www.example.org'), Buffer.alloc(0), 0);
    const label = BigInt(`0x${hash}`).toString(32).padStart(32, '0');
    const nsec3 = (owner: string): Answer => ({
      type: 'NSEC3',
      name: owner,
      ttl: 300,
      data: {
        algorithm: 1,
        flags: 0,
        iterations: 0,
        salt: Buffer.alloc(0),
        nextDomain: Buffer.alloc(20),
        rrtypes: ['A'],
      },
    });
    expect(verify('www.example.org', 'TXT', { authorities: authority(nsec3(`${label}.example.org`)) })).toEqual(signed);
    expect(verify('www.example.org', 'TXT', { authorities: authority(nsec3(`${label}.x.example.org`)) })).toMatchObject(
      invalid('no NSEC or NSEC3'),
    );
  });

  test('needs the SOA and a denial', () => {
    const proof = sign([nsec('www.example.org', 'zzz.example.org', types)]);
    expect(verify('www.example.org', 'TXT', { authorities: proof })).toMatchObject(invalid('without the SOA'));
    expect(verify('www.example.org', 'TXT', { authorities: soa })).toMatchObject(invalid('no NSEC or NSEC3'));
    expect(verify('www.example.org', 'TXT', { authorities: [soaRecord, ...proof] })).toMatchObject({
      kind: 'unsigned',
    });
  });

  test('is judged at the end of a CNAME', () => {
    const answers = sign([cname('alias.example.org', 'www.example.org')]);
    const authorities = authority(nsec('www.example.org', 'zzz.example.org', types));
    expect(verify('alias.example.org', 'TXT', { answers, authorities })).toEqual(signed);
    expect(verify('alias.example.org', 'A', { answers, authorities })).toMatchObject(
      invalid('www.example.org. lists A'),
    );
    expect(verify('alias.example.org', 'TXT', { answers })).toMatchObject(invalid('without the SOA'));
  });
});

describe('NXDOMAIN', () => {
  const nxdomain = (name: string, ...records: readonly Answer[]) =>
    verify(name, 'A', { rcode: 3, authorities: [...soa, ...records.flatMap((record) => sign([record]))] });
  const apex = nsec('example.org', 'alias.example.org', ['SOA', 'NS']);
  const gap = nsec('ns.example.org', 'www.example.org', ['A']);

  test('is proven by the gaps of the name and of the wildcard', () => {
    expect(nxdomain('nx.example.org', apex, gap)).toEqual(signed);
    expect(nxdomain('a.nx.example.org', apex, gap)).toEqual(signed);
    expect(nxdomain('nx.example.org', gap)).toMatchObject(invalid('*.example.org. does not exist'));
    expect(nxdomain('nx.example.org', apex)).toMatchObject(invalid('no NSEC proves that nx.example.org.'));
  });

  test('is proven by the last gap of the zone', () => {
    expect(nxdomain('zzz.example.org', apex, nsec('www.example.org', 'example.org', ['A']))).toEqual(signed);
  });

  test('is invalid for a name that exists', () => {
    expect(nxdomain('ns.example.org', apex, gap)).toMatchObject({ kind: 'invalid' });
    expect(nxdomain('ent.example.org', apex, nsec('alias.example.org', 'a.ent.example.org', ['A']))).toMatchObject(
      invalid('a.ent.example.org. is below it'),
    );
  });

  test('is not proven by an NSEC above a zone cut or a DNAME', () => {
    for (const types of [['NS'], ['DNAME']]) {
      expect(nxdomain('x.cut.example.org', apex, nsec('cut.example.org', 'www.example.org', types))).toMatchObject({
        kind: 'invalid',
      });
    }
  });
});

describe('the keys of a zone', () => {
  const set = [ksk.dnskey, zsk.dnskey];

  test('are taken when their KSK signs them', () => {
    expect(keys).toMatchObject({
      zone: 'example.org.',
      ttlSeconds: 3600,
      expiresAtSeconds: signedAtSeconds + 14 * 86_400,
    });
    expect(keys.keys.map(({ keyTag, flags }) => [keyTag, flags])).toEqual([
      [ksk.keyTag, 257],
      [zsk.keyTag, 256],
    ]);
  });

  test('are refused when only the ZSK signs them, which no DS names', () => {
    expect(fetchedKeys(zsk.sign(set))).toMatchObject({ kind: 'invalid' });
  });

  test('are taken from a ZSK where no key is flagged SEP', () => {
    expect(fetchedKeys(zsk.sign([zsk.dnskey]))).toMatchObject({ kind: 'keys' });
  });

  test('are unsigned without RRSIG, and where there are none', () => {
    expect(fetchedKeys(set)).toMatchObject({ kind: 'unsigned', what: expect.stringContaining('no RRSIG') });
    expect(fetchedKeys([])).toMatchObject({ kind: 'unsigned', what: expect.stringContaining('no DNSKEY') });
  });
});

describe('whatever changes on the way', () => {
  const positive = replyBytes({
    answers: [
      ...sign([cname('alias.example.org', 'www.example.org')]),
      ...sign([a('www.example.org'), a('www.example.org', '192.0.2.2')]),
    ],
  });
  const negative = replyBytes({
    authorities: [...soa, ...sign([nsec('www.example.org', 'zzz.example.org', ['A', 'RRSIG', 'NSEC'])])],
  });

  test.each([
    ['an answer', positive, 'alias.example.org', 'A'],
    ['an empty answer', negative, 'www.example.org', 'TXT'],
  ] as const)('%s with changed bytes never verifies, unless it says the same', (_what, bytes, name, type) => {
    const check = (message: SignedMessage): Verification =>
      verifyAnswer({ message, question: { name, type }, dnskeys: keys, nowSeconds: signedAtSeconds });
    const original = readSignedMessage(bytes);
    expect(check(original)).toEqual(signed);
    const change = fc.record({ offset: fc.nat(bytes.length - 1), bits: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = readOrUndefined(changes.reduce(flip, bytes));
        if (changed === undefined || content(changed) === content(original)) return;
        expect(check(changed).kind).not.toBe('signed');
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['an answer', positive, 'alias.example.org', 'A'],
    ['an empty answer', negative, 'www.example.org', 'TXT'],
  ] as const)(
    '%s with any single bit of its records flipped never verifies, unless it says the same',
    (_what, bytes, name, type) => {
      const original = content(readSignedMessage(bytes));
      let refused = 0;
      for (let offset = 0; offset < bytes.length; offset += 1) {
        const message = readOrUndefined(flip(bytes, { offset, bits: 1 << (offset % 8) }));
        if (message === undefined || content(message) === original) continue;
        const verdict = verifyAnswer({ message, question: { name, type }, dnskeys: keys, nowSeconds: signedAtSeconds });
        expect(verdict.kind, `offset ${offset}`).not.toBe('signed');
        refused += 1;
      }
      expect(refused).toBeGreaterThan(bytes.length / 2);
    },
  );

  test('no data of a record makes it throw', () => {
    const record = fc.record({
      type: fc.constantFrom(2, 5, 6, 35, 39, 46, 47, 48, 50),
      rdata: fc.uint8Array({ maxLength: 60 }),
      label: fc.constantFrom('', 'a', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'),
    });
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), fc.constantFrom(0, 3), (hostile, rcode) => {
        const message = readOrUndefined(rawReply(hostile, rcode));
        if (message === undefined) return;
        const verdict = verifyAnswer({
          message,
          question: { name: zone, type: 'A' },
          dnskeys: keys,
          nowSeconds: signedAtSeconds,
        });
        kinds.add(verdict.kind);
        expect(verdict.kind).not.toBe('signed');
        expect(verifyDnskeys(message, zone, signedAtSeconds).kind).not.toBe('keys');
      }),
      { numRuns: 2000 },
    );
    expect(kinds).toContain('invalid');
  });
});

function flip(bytes: Buffer, { offset, bits }: { readonly offset: number; readonly bits: number }): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(offset) ^ bits, offset);
  return changed;
}

function readOrUndefined(bytes: Buffer): SignedMessage | undefined {
  try {
    return readSignedMessage(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage) return undefined;
    throw error;
  }
}

/** What a message says, TTLs apart: they may fall on the way. */
function content({ rcode, answers, authority }: SignedMessage): string {
  const timeless = (record: SignedRecord) => ({ ...record, ttlSeconds: 0, rdata: record.rdata.toString('hex') });
  return JSON.stringify({ rcode, answers: answers.map(timeless), authority: authority.map(timeless) });
}

interface HostileRecord {
  readonly type: number;
  readonly rdata: Uint8Array;
  readonly label: string;
}

/** The records at or below the apex, in both sections, behind an RRSIG of nobody for each. */
function rawReply(records: readonly HostileRecord[], rcode: number): Buffer {
  const section = records.flatMap(({ type, rdata, label }) => {
    const covered = Buffer.concat([uint16(type), Buffer.alloc(16), wireName(zone), Buffer.alloc(8)]);
    return [rawRecord(label, type, rdata), rawRecord(label, 46, covered)];
  });
  // A SOA, so that the rest is read as a denial.
  const denial = [...section, rawRecord('', 6, Buffer.alloc(22))];
  const counts = [0, section.length, denial.length, 0].map(uint16);
  return Buffer.concat([uint16(1), uint16(0x8400 | rcode), ...counts, ...section, ...denial]);
}

function rawRecord(label: string, type: number, rdata: Uint8Array): Buffer {
  const owner = wireName(label === '' ? zone : `${label}.${zone}`);
  return Buffer.concat([owner, uint16(type), uint16(1), uint16(0), uint16(60), uint16(rdata.length), rdata]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

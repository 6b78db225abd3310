import type { Answer } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import { verifyAnswer } from './dnssec.ts';
import { readSignedMessage } from './dnssec-message.ts';
import { compareLabels, labelsOfName } from './dnssec-name.ts';
import { denyCloserByNsec3, denyNameByNsec3, denyTypeByNsec3, nsec3Hash } from './dnssec-nsec3.ts';
import { type Dnskey, type Nsec3, readDnskey } from './dnssec-records.ts';
import { replyBytes } from './fixtures/zone-signer.ts';

/** The examples that the RFCs print, so that the canonical form and each algorithm are held by somebody else's signature. */

interface Example {
  readonly source: string;
  readonly algorithm: number;
  readonly flags: number;
  readonly key: string;
  readonly keyTag: number;
  readonly zone: string;
  readonly record: Answer & { readonly type: 'A' | 'MX' };
  readonly labels: number;
  readonly inception: number;
  readonly expiration: number;
  readonly signature: string;
}

const wwwOf5702 = { type: 'A', name: 'www.example.net', ttl: 3600, data: '192.0.2.91' } as const;
const wwwOf6605 = { type: 'A', name: 'www.example.net', ttl: 3600, data: '192.0.2.1' } as const;
const mxOf8080 = {
  type: 'MX',
  name: 'example.com',
  ttl: 3600,
  data: { preference: 10, exchange: 'mail.example.com' },
} as const;

const examples: readonly Example[] = [
  {
    source: 'RFC 5702 section 6.1, RSASHA256',
    algorithm: 8,
    flags: 256,
    key: 'AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=',
    keyTag: 9033,
    zone: 'example.net',
    record: wwwOf5702,
    labels: 3,
    inception: 946_684_800,
    expiration: 1_893_456_000,
    signature: 'kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==',
  },
  {
    source: 'RFC 5702 section 6.2, RSASHA512',
    algorithm: 10,
    flags: 256,
    key: 'AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL',
    keyTag: 3740,
    zone: 'example.net',
    record: wwwOf5702,
    labels: 3,
    inception: 946_684_800,
    expiration: 1_893_456_000,
    signature:
      'tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=',
  },
  {
    source: 'RFC 6605 section 6.1, ECDSAP256SHA256',
    algorithm: 13,
    flags: 257,
    key: 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
    keyTag: 55_648,
    zone: 'example.net',
    record: wwwOf6605,
    labels: 3,
    inception: 1_281_607_479,
    expiration: 1_284_026_679,
    signature: 'qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
  },
  {
    source: 'RFC 6605 section 6.2, ECDSAP384SHA384',
    algorithm: 14,
    flags: 257,
    key: 'xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40',
    keyTag: 10_771,
    zone: 'example.net',
    record: wwwOf6605,
    labels: 3,
    inception: 1_281_608_425,
    expiration: 1_284_027_625,
    signature:
      '/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm',
  },
  {
    source: 'RFC 8080 section 6.1 as corrected by erratum 4935, Ed25519, first key',
    algorithm: 15,
    flags: 257,
    key: 'l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    keyTag: 3613,
    zone: 'example.com',
    record: mxOf8080,
    labels: 2,
    inception: 1_438_207_200,
    expiration: 1_440_021_600,
    signature: 'oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
  },
  {
    source: 'RFC 8080 section 6.1 as corrected by erratum 4935, Ed25519, second key',
    algorithm: 15,
    flags: 257,
    key: 'zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=',
    keyTag: 35_217,
    zone: 'example.com',
    record: mxOf8080,
    labels: 2,
    inception: 1_438_207_200,
    expiration: 1_440_021_600,
    signature: 'zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg==',
  },
  {
    source: 'RFC 8080 section 6.2 as corrected by erratum 4935, Ed448',
    algorithm: 16,
    flags: 257,
    key: '3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA',
    keyTag: 9713,
    zone: 'example.com',
    record: mxOf8080,
    labels: 2,
    inception: 1_438_207_200,
    expiration: 1_440_021_600,
    signature:
      '3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA',
  },
];

function keyOf({ flags, algorithm, key }: Example): Dnskey {
  const dnskey = readDnskey(
    Buffer.concat([Buffer.from([flags >> 8, flags & 0xff, 3, algorithm]), Buffer.from(key, 'base64')]),
  );
  if (dnskey === undefined) throw new Error('no DNSKEY');
  return dnskey;
}

function verifyAt(example: Example, nowSeconds: number) {
  const { record, zone, labels, algorithm, inception, expiration, keyTag } = example;
  const rrsig = {
    type: 'RRSIG' as const,
    name: record.name,
    ttl: 3600,
    data: {
      typeCovered: record.type,
      algorithm,
      labels,
      originalTTL: 3600,
      expiration,
      inception,
      keyTag,
      signersName: zone,
      signature: Buffer.from(example.signature, 'base64'),
    },
  };
  return verifyAnswer({
    message: readSignedMessage(replyBytes({ answers: [record, rrsig] })),
    question: { name: record.name, type: record.type },
    dnskeys: { zone: `${zone}.`, keys: [keyOf(example)], ttlSeconds: 3600, expiresAtSeconds: expiration },
    nowSeconds,
  });
}

describe.each(examples)('the example of $source', (example) => {
  test('has the key tag that is printed', () => {
    expect(keyOf(example).keyTag).toBe(example.keyTag);
  });

  test('verifies from its inception to its expiration', () => {
    const signed = { kind: 'signed', keyTag: example.keyTag, expiresAtSeconds: example.expiration };
    expect(verifyAt(example, example.inception)).toEqual(signed);
    expect(verifyAt(example, example.expiration)).toEqual(signed);
  });

  test('does not a second before or after', () => {
    expect(verifyAt(example, example.inception - 1)).toMatchObject({
      kind: 'invalid',
      why: expect.stringContaining('holds from'),
    });
    expect(verifyAt(example, example.expiration + 1)).toMatchObject({
      kind: 'invalid',
      why: expect.stringContaining('expired'),
    });
  });
});

test('the Ed25519 example of RFC 8080 as first printed, with more labels than its owner has, is refused', () => {
  const [asPrinted] = examples.filter(({ keyTag }) => keyTag === 3613);
  if (asPrinted === undefined) throw new Error('no example');
  const signature = 'Edk+IB9KNNWg0HAjm7FazXyrd5m3Rk8zNZbvNpAcM+eysqcUOMIjWoevFkjH5GaMWeG96GUVZu6ECKOQmemHDg==';
  expect(verifyAt({ ...asPrinted, labels: 3, signature }, asPrinted.inception)).toMatchObject({
    kind: 'invalid',
    why: expect.stringContaining('3 labels'),
  });
});

test('the key of RFC 4034 section 5.4 has its tag', () => {
  const key =
    'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==';
  expect(readDnskey(Buffer.concat([Buffer.from([1, 0, 3, 5]), Buffer.from(key, 'base64')]))?.keyTag).toBe(60_485);
});

test('names sort as in RFC 4034 section 6.1', () => {
  const sorted = [
    'example.',
    'a.example.',
    'yljkjljk.a.example.',
    'Z.a.example.',
    'zABC.a.EXAMPLE.',
    'z.example.',
    '\\001.z.example.',
    '*.z.example.',
    '\\200.z.example.',
  ].map(labelsOfName);
  expect(sorted.toReversed().toSorted(compareLabels)).toEqual(sorted);
});

describe('RFC 5155', () => {
  const hashes = {
    'example.': '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom',
    'a.example.': '35mthgpgcu1qg68fab165klnsnk3dpvl',
    'ai.example.': 'gjeqe526plbf1g8mklp59enfd789njgi',
    'ns1.example.': '2t7b4g4vsa5smi47k61mv5bv1a22bojr',
    'ns2.example.': 'q04jkcevqvmu85r014c7dkba38o0ji5r',
    'w.example.': 'k8udemvp1j2f7eg6jebps17vp3n8i58h',
    '*.w.example.': 'r53bq7cc2uvmubfu5ocmm6pers9tk9en',
    'x.w.example.': 'b4um86eghhds6nea196smvmlo4ors995',
    'y.w.example.': 'ji6neoaepv8b5o6k4ev33abha8ht9fgc',
    'x.y.w.example.': '2vptu5timamqttgl4luu9kg21e0aor3s',
    'xx.example.': 't644ebqk9bibcna874givr6joj62mlhv',
    '2t7b4g4vsa5smi47k61mv5bv1a22bojr.example.': 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi',
  };
  const salt = Buffer.from('aabbccdd', 'hex');
  const hex = (hash: string) =>
    [...hash]
      .reduce((sum, digit) => sum * 32n + BigInt(Number.parseInt(digit, 32)), 0n)
      .toString(16)
      .padStart(40, '0');

  test.each(Object.entries(hashes))('appendix A: the hash of %s', (name, hash) => {
    expect(nsec3Hash(labelsOfName(name), salt, 12)).toBe(hex(hash));
  });

  const zone = labelsOfName('example.');
  const record = (hash: string, next: string, types: readonly number[], flags = 0): Nsec3 => ({
    hash: hex(hash),
    next: hex(next),
    types: new Set(types),
    algorithm: 1,
    flags,
    iterations: 12,
    salt,
  });
  const apex = record(hashes['example.'], hashes['ns1.example.'], [15, 48, 2, 6, 51, 46]);
  const ns1 = record(hashes['ns1.example.'], hashes['x.y.w.example.'], [1, 46]);
  const a = record(hashes['a.example.'], hashes['x.w.example.'], [2, 43, 46]);
  const xw = record(hashes['x.w.example.'], hashes['ai.example.'], [15, 46]);
  const w = record(hashes['w.example.'], hashes['ns2.example.'], []);
  const ns2 = record(hashes['ns2.example.'], hashes['*.w.example.'], [1, 46]);
  const yw = record(hashes['y.w.example.'], hashes['w.example.'], []);
  const wildcard = record(hashes['*.w.example.'], hashes['xx.example.'], [15, 46]);
  const proof = (...records: readonly Nsec3[]) => ({ zone, records });

  test('appendix B.1: a name error needs encloser, next closer and wildcard', () => {
    const name = labelsOfName('a.c.x.w.example.');
    expect(denyNameByNsec3(name, proof(apex, xw, a))).toBeUndefined();
    for (const incomplete of [proof(xw, a), proof(apex, a), proof(apex, xw)]) {
      expect(denyNameByNsec3(name, incomplete)).toMatchObject({ kind: 'invalid' });
    }
  });

  test('appendix B.2: no data', () => {
    expect(denyTypeByNsec3(labelsOfName('ns1.example.'), 15, proof(ns1))).toBeUndefined();
    expect(denyTypeByNsec3(labelsOfName('ns1.example.'), 1, proof(ns1))).toMatchObject({ kind: 'invalid' });
  });

  test('appendix B.2.1: no data at an empty name', () => {
    expect(denyTypeByNsec3(labelsOfName('y.w.example.'), 1, proof(yw))).toBeUndefined();
  });

  test('appendix B.5: no data at a wildcard', () => {
    const name = labelsOfName('a.z.w.example.');
    expect(denyTypeByNsec3(name, 28, proof(w, ns2, wildcard))).toBeUndefined();
    expect(denyTypeByNsec3(name, 15, proof(w, ns2, wildcard))).toMatchObject({ kind: 'invalid' });
    for (const incomplete of [proof(ns2, wildcard), proof(w, wildcard), proof(w, ns2)]) {
      expect(denyTypeByNsec3(name, 28, incomplete)).toMatchObject({ kind: 'invalid' });
    }
  });

  test('appendix B.3: an unsigned delegation lies in an opt-out gap', () => {
    const optOut = { ...a, flags: 1 };
    const name = labelsOfName('c.example.');
    expect(denyTypeByNsec3(name, 43, proof(optOut, apex))).toBeUndefined();
    expect(denyTypeByNsec3(name, 1, proof(optOut, apex))).toMatchObject({ kind: 'unknown' });
    expect(denyTypeByNsec3(name, 43, proof(a, apex))).toMatchObject({ kind: 'invalid' });
  });

  test('appendix B.4: a wildcard answers where no closer name exists', () => {
    const name = labelsOfName('a.z.w.example.');
    expect(denyCloserByNsec3(name, 2, proof(ns2))).toBeUndefined();
    expect(denyCloserByNsec3(name, 2, proof(w, wildcard))).toMatchObject({ kind: 'invalid' });
  });

  test('section 3.1.7: the last gap goes on at the start', () => {
    const last = record(hashes['xx.example.'], hashes['example.'], [1, 46]);
    // Found by trial: one hash before the first of the zone, one behind the last.
    const outside = ['wrap52.example.', 'wrap9.example.'];
    const sides = outside.map((name) => nsec3Hash(labelsOfName(name), salt, 12) > last.hash);
    for (const name of outside) expect(denyCloserByNsec3(labelsOfName(name), 1, proof(last))).toBeUndefined();
    expect(sides.toSorted()).toEqual([false, true]);
    expect(denyCloserByNsec3(labelsOfName('x.w.example.'), 1, proof(last))).toMatchObject({ kind: 'invalid' });
  });

  test('section 8.3: an encloser that is a zone cut or a DNAME has no say', () => {
    const name = labelsOfName('a.c.x.w.example.');
    for (const types of [[2], [39]]) {
      const cut = { ...xw, types: new Set(types) };
      expect(denyNameByNsec3(name, proof(apex, cut, a))).toMatchObject({ kind: 'invalid' });
    }
  });

  test('section 8.4: a name whose own hash is there exists', () => {
    expect(denyNameByNsec3(labelsOfName('ns1.example.'), proof(apex, ns1, a))).toEqual({
      kind: 'invalid',
      why: 'an NSEC3 proves that ns1.example. exists',
    });
  });

  test('section 8.2: NSEC3s of different chains, or of a hash unknown here, prove nothing', () => {
    const name = labelsOfName('a.c.x.w.example.');
    for (const other of [
      { ...a, iterations: 0 },
      { ...a, salt: Buffer.alloc(1) },
    ]) {
      expect(denyNameByNsec3(name, proof(apex, xw, other))).toMatchObject({
        kind: 'invalid',
        why: expect.stringContaining('differ'),
      });
    }
    expect(denyNameByNsec3(name, proof(apex, xw, { ...a, algorithm: 2 }))).toMatchObject({ kind: 'unknown' });
  });

  test('RFC 9276 section 3.2: many iterations, or flags of later days, decide nothing', () => {
    const name = labelsOfName('ns1.example.');
    expect(denyTypeByNsec3(name, 15, proof({ ...ns1, iterations: 151 }))).toMatchObject({ kind: 'unknown' });
    expect(denyTypeByNsec3(name, 15, proof({ ...ns1, flags: 2 }))).toMatchObject({ kind: 'unknown' });
  });
});

/** Public keys of DNSKEY records in Node's terms, and the check of one signature. */
import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { Dnskey } from './dnssec-records.ts';

/**
 * Whether `signature` is this key's over `data`; `undefined` for an algorithm that is not checked here. Checked are 8
 * (RSASHA256), 10 (RSASHA512), 13 (ECDSAP256SHA256), 14 (ECDSAP384SHA384), 15 (Ed25519) and 16 (Ed448). A key that is none
 * signs nothing.
 */
export function isSignedBy(key: Dnskey, data: Buffer, signature: Buffer): boolean | undefined {
  const algorithm = ALGORITHMS.get(key.algorithm);
  if (algorithm === undefined) return undefined;
  try {
    const publicKey = createPublicKey({ format: 'jwk', key: algorithm.jwk(key.publicKey) });
    return algorithm.verify(data, publicKey, signature);
  } catch {
    // A point off the curve, a modulus of nothing: OpenSSL throws for bytes that are no key.
    return false;
  }
}

export function isKnownAlgorithm(algorithm: number): boolean {
  return ALGORITHMS.has(algorithm);
}

interface Algorithm {
  readonly jwk: (bytes: Buffer) => JsonWebKey;
  readonly verify: (data: Buffer, key: KeyObject, signature: Buffer) => boolean;
}

const ALGORITHMS: ReadonlyMap<number, Algorithm> = new Map([
  [8, rsa('sha256')],
  [10, rsa('sha512')],
  [13, ecdsa('P-256', 'sha256', 32)],
  [14, ecdsa('P-384', 'sha384', 48)],
  [15, eddsa('Ed25519')],
  [16, eddsa('Ed448')],
]);

/** RFC 3110 section 2: the length of the exponent in one byte, or in two behind a zero. */
function rsa(digest: string): Algorithm {
  return {
    jwk: (bytes) => {
      const long = bytes[0] === 0;
      const start = long ? 3 : 1;
      const end = start + (long ? bytes.readUInt16BE(1) : bytes.readUInt8(0));
      return { kty: 'RSA', e: base64Url(bytes.subarray(start, end)), n: base64Url(bytes.subarray(end)) };
    },
    verify: (data, key, signature) => verify(digest, data, key, signature),
  };
}

/** RFC 6605 section 4: x and y of the point, r and s of the signature, without any frame. */
function ecdsa(crv: string, digest: string, size: number): Algorithm {
  return {
    jwk: (bytes) => ({ kty: 'EC', crv, x: base64Url(bytes.subarray(0, size)), y: base64Url(bytes.subarray(size)) }),
    verify: (data, key, signature) => verify(digest, data, { key, dsaEncoding: 'ieee-p1363' }, signature),
  };
}

/** RFC 8080. */
function eddsa(crv: string): Algorithm {
  return {
    jwk: (bytes) => ({ kty: 'OKP', crv, x: base64Url(bytes) }),
    verify: (data, key, signature) => verify(null, data, key, signature),
  };
}

function base64Url(bytes: Buffer): string {
  return bytes.toString('base64url');
}

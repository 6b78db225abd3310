/**
 * Are a signed zone's answers signed, and by its own keys? Results of LUA records are signed as they are made, so every
 * record is asked for in its turn; far less often than for its content, since keys and signatures change rarely.
 */

import { type Verification, verifyAnswer, verifyDnskeys, type ZoneKeys } from '../wire/dnssec.ts';
import { readSignedMessage, type SignedMessage } from '../wire/dnssec-message.ts';
import type { DnsQuestion } from '../wire/message.ts';
import { MalformedMessage } from '../wire/raw-name.ts';
import type { Asker } from './asker.ts';

type Keys =
  | { readonly kind: 'keys'; readonly keys: ZoneKeys }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'bad'; readonly why: string };

interface KnownKeys {
  readonly keys: Keys;
  readonly untilMs: number;
}

/** How long a zone without keys is taken to be unsigned, and bad keys to be bad. */
const RECHECK_KEYS_MS = 60_000;

export class SignatureWatch {
  readonly #asker: Asker;
  readonly #known = new Map<string, KnownKeys>();

  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Undefined where the zone is not signed, or the server does not answer. */
  async verify(
    zone: string,
    childZones: readonly string[],
    question: DnsQuestion,
    signal: AbortSignal,
  ): Promise<Verification | undefined> {
    const first = await this.#verifyWith(await this.#keysOf(zone, signal), childZones, question, signal);
    if (first?.kind !== 'invalid') return first;
    // The keys may have been rolled since they were fetched.
    this.#known.delete(zone);
    return this.#verifyWith(await this.#keysOf(zone, signal), childZones, question, signal);
  }

  async #verifyWith(
    keys: Keys | undefined,
    childZones: readonly string[],
    question: DnsQuestion,
    signal: AbortSignal,
  ): Promise<Verification | undefined> {
    if (keys === undefined || keys.kind === 'unsigned') return undefined;
    if (keys.kind === 'bad') return { kind: 'invalid', why: `the zone's keys: ${keys.why}` };
    const message = await this.#ask(question, signal);
    if (message === undefined) return undefined;
    return verifyAnswer({ message, question, dnskeys: keys.keys, nowSeconds: nowSeconds(), childZones });
  }

  async #keysOf(zone: string, signal: AbortSignal): Promise<Keys | undefined> {
    const known = this.#known.get(zone);
    if (known !== undefined && Date.now() < known.untilMs) return known.keys;
    const message = await this.#ask({ name: zone, type: 'DNSKEY' }, signal);
    if (message === undefined) return undefined;
    const verified = verifyDnskeys(message, zone, nowSeconds());
    const keys: Keys =
      verified.kind === 'keys'
        ? { kind: 'keys', keys: verified.keys }
        : verified.kind === 'unsigned'
          ? { kind: 'unsigned' }
          : { kind: 'bad', why: verified.why };
    const lifeMs = keys.kind === 'keys' ? Math.min(keys.keys.ttlSeconds * 1000, 3_600_000) : RECHECK_KEYS_MS;
    this.#known.set(zone, { keys, untilMs: Date.now() + lifeMs });
    return keys;
  }

  async #ask(question: DnsQuestion, signal: AbortSignal): Promise<SignedMessage | undefined> {
    const asked = await this.#asker.ask({ ...question, dnssecOk: true }, signal);
    if (asked === undefined) return undefined;
    try {
      return readSignedMessage(asked.reply.response.bytes);
    } catch (error) {
      if (error instanceof MalformedMessage) return undefined;
      throw error;
    }
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

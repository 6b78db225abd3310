import { isSubdomain, sameName } from '../simulator/zone/name.ts';
import type { ResourceRecord, Zone } from '../simulator/zone/record.ts';
import { typeName, typeNumber } from '../simulator/zone/record-type.ts';
import { type RawMessage, type RawRecord, rcodeName } from './raw-message.ts';
import { MalformedMessage } from './raw-name.ts';
import { LUA_TYPE, presentRdata, readLuaRdata } from './rdata-text.ts';

/** The server said no. */
export class TransferRefused extends Error {
  override readonly name = 'TransferRefused';
  readonly rcode: string;

  constructor(rcode: string) {
    super(`the server answers ${rcode}`);
    this.rcode = rcode;
  }
}

/** Puts a zone together from the messages of its transfer (RFC 5936): from one SOA to the same SOA again. */
export class ZoneAssembly {
  readonly #zone: string;
  readonly #id: number;
  #soa: string | undefined;
  #isSigned = false;
  readonly #records: ResourceRecord[] = [];

  constructor(zone: string, id: number) {
    this.#zone = zone;
    this.#id = id;
  }

  /**
   * Takes the next message. The zone, once this was the last one. Throws `TransferRefused`, and `MalformedMessage` for
   * what does not belong into a transfer of this zone.
   */
  add(message: RawMessage): Zone | undefined {
    if (!message.isResponse || message.id !== this.#id)
      throw new MalformedMessage('a message is no reply to the question');
    if (message.rcode !== 0) throw new TransferRefused(rcodeName(message.rcode));
    if (message.truncated) throw new MalformedMessage('a message says that it is truncated, over TCP');
    const [question] = message.questions;
    if (question !== undefined && !sameName(question.name, this.#zone)) {
      throw new MalformedMessage(`a message is about ${question.name}`);
    }
    if (message.answers.length === 0) throw new MalformedMessage('a message holds no records');
    for (const [i, record] of message.answers.entries()) {
      if (!this.#take(record)) continue;
      if (i < message.answers.length - 1) throw new MalformedMessage('records come behind the second SOA');
      return { name: this.#zone, records: this.#records.filter((each) => !this.#isMadeBySigner(each)) };
    }
    return undefined;
  }

  /** True for the SOA at the end. */
  #take(record: RawRecord): boolean {
    const { owner, type, ttlSeconds } = record;
    if (record.class !== CLASS_IN) throw new MalformedMessage(`a record at ${owner} is not of class IN`);
    if (!isSubdomain(owner, this.#zone)) throw new MalformedMessage(`a record at ${owner} is not in the zone`);
    if (type === SOA_TYPE) return this.#takeSoa(record);
    if (this.#soa === undefined) throw new MalformedMessage('the first record is not the SOA');
    if (type === RRSIG_TYPE) this.#isSigned = true;
    if (NEVER_CONTENT.has(type)) return false;
    if (type === LUA_TYPE) this.#records.push({ kind: 'lua', owner, ttlSeconds, ...readLuaRdata(record) });
    else this.#records.push({ kind: 'static', owner, ttlSeconds, type: typeName(type), rdata: presentRdata(record) });
    return false;
  }

  #takeSoa(record: RawRecord): boolean {
    const { owner, ttlSeconds } = record;
    const rdata = presentRdata(record);
    if (!sameName(owner, this.#zone)) throw new MalformedMessage(`there is an SOA record at ${owner}, below the zone`);
    if (this.#soa === undefined) {
      this.#soa = rdata;
      this.#records.push({ kind: 'static', owner, ttlSeconds, type: 'SOA', rdata });
      return false;
    }
    if (rdata !== this.#soa) throw new MalformedMessage('the SOA at the end is not the one at the start');
    return true;
  }

  #isMadeBySigner({ kind, type }: ResourceRecord): boolean {
    return this.#isSigned && kind === 'static' && MADE_BY_SIGNER.has(type);
  }
}

const CLASS_IN = 1;
const SOA_TYPE = typeNumber('SOA');
const RRSIG_TYPE = typeNumber('RRSIG');

/** Backends hold these, if at all, as by-products of signing; PowerDNS makes its answers without them. */
const NEVER_CONTENT: ReadonlySet<number | undefined> = new Set(
  ['RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM'].map(typeNumber),
);

/** Published by a server that signs; without signatures they are content like any other. */
const MADE_BY_SIGNER: ReadonlySet<string> = new Set(['DNSKEY', 'CDS', 'CDNSKEY']);

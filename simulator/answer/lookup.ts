/**
 * What a zone has for a name: its own records, a wildcard's, an alias to go on with, a delegation, or nothing. Mirrors the look-up
 * of PowerDNS, which decides with it whose code is run.
 */
import { delegationOf, wildcardFor, type ZoneIndex } from '../zone/index.ts';
import { parentName, sameName } from '../zone/name.ts';
import type { ResourceRecord, StaticRecord } from '../zone/record.ts';
import type { CodeRun } from './code-run.ts';
import type { Evaluation } from './evaluation.ts';
import { Failed, fail } from './failed.ts';
import { type AnswerRecord, distinctRecords, type Rcode } from './outcome.ts';
import { canonicalRdata } from './rdata.ts';
import { whyUnreadable } from './unreadable.ts';

/** How an answer section ends: with what was asked for, or with why there is nothing. */
export interface Ending {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly authority: readonly AnswerRecord[];
}

export type Step =
  | { readonly kind: 'answer'; readonly records: readonly AnswerRecord[] }
  | { readonly kind: 'cname'; readonly records: readonly AnswerRecord[]; readonly target: string }
  | ({ readonly kind: 'none' } & Ending)
  | { readonly kind: 'failed'; readonly rcode: Rcode };

export class LookUp {
  readonly #evaluation: Evaluation;
  readonly #code: CodeRun;

  constructor(evaluation: Evaluation, code: CodeRun) {
    this.#evaluation = evaluation;
    this.#code = code;
  }

  at(zone: ZoneIndex, target: string): Step {
    try {
      const servers = delegationOf(zone, target);
      // The records of every name up to there are read in search of a delegation.
      this.#requireReadableUpTo(zone, target, servers[0]?.owner ?? zone.name);
      if (this.#isForParent(zone, target, servers)) return this.#signers(zone, target);
      if (servers.length > 0) {
        return {
          kind: 'none',
          rcode: 'NOERROR',
          authority: servers.map((record) => this.#fixed(record, record.owner)),
        };
      }
      const node = this.#enabled(zone.at(target));
      if (node !== undefined) return this.#atName(zone, target, node);
      const wildcard = this.#enabled(wildcardFor(zone, target));
      if (wildcard !== undefined) return this.#atWildcard(zone, target, wildcard);
      return this.#nothing(zone, 'NXDOMAIN');
    } catch (thrown) {
      if (thrown instanceof Failed) return { kind: 'failed', rcode: thrown.rcode };
      throw thrown;
    }
  }

  /** DS records of a delegation lie on this side of it. An alias beside them, which nobody should write, hides that. */
  #isForParent(zone: ZoneIndex, target: string, servers: readonly StaticRecord[]): boolean {
    const isAtDelegation = servers.some(({ owner }) => sameName(owner, target));
    return (
      this.#evaluation.question.type === 'DS' &&
      isAtDelegation &&
      !zone.at(target)?.some(({ type }) => type === 'CNAME')
    );
  }

  /** Code for DS records is not run there. */
  #signers(zone: ZoneIndex, target: string): Step {
    const records = (zone.at(target) ?? [])
      .filter((record) => record.kind === 'static')
      .filter(({ type }) => type === 'DS')
      .map((record) => this.#fixed(record, target));
    return records.length > 0 ? { kind: 'answer', records: distinctRecords(records) } : this.#nothing(zone, 'NOERROR');
  }

  /** A negative answer carries the zone's SOA, for as long as its last field says at most. */
  #nothing(zone: ZoneIndex, rcode: Ending['rcode']): Step {
    const soa = (zone.at(zone.name) ?? []).find((record) => record.kind === 'static' && record.type === 'SOA');
    if (soa?.kind !== 'static') return { kind: 'none', rcode, authority: [] };
    const record = this.#fixed(soa, soa.owner);
    const negativeTtl = Number(record.rdata.split(' ').at(-1));
    const ttlSeconds = Number.isNaN(negativeTtl) ? record.ttlSeconds : Math.min(record.ttlSeconds, negativeTtl);
    return { kind: 'none', rcode, authority: [{ ...record, ttlSeconds }] };
  }

  #requireReadableUpTo(zone: ZoneIndex, target: string, last: string): void {
    if (!zone.mayBeUnreadable) return;
    for (let at: string | undefined = target; at !== undefined; at = parentName(at)) {
      this.#requireReadable(zone.at(at));
      if (sameName(at, last)) return;
    }
  }

  /** A record that cannot be read makes its whole name fail, and all names below it. */
  #requireReadable(records: readonly ResourceRecord[] = []): void {
    const { server, trace } = this.#evaluation;
    for (const record of records) {
      const why = whyUnreadable(record, server.profile.text);
      if (why !== undefined) fail(trace, 'SERVFAIL', why.code, why.message);
    }
  }

  /** Where LUA records are switched off they are as if absent, so the name may not exist at all. */
  #enabled(records: readonly ResourceRecord[] | undefined): readonly ResourceRecord[] | undefined {
    if (this.#evaluation.server.settings.luaRecords || records === undefined) return records;
    const rest = records.filter((record) => record.kind === 'static');
    return rest.length === 0 && records.length > 0 ? undefined : rest;
  }

  #atName(zone: ZoneIndex, target: string, node: readonly ResourceRecord[]): Step {
    const { type } = this.#evaluation.question;
    const found: AnswerRecord[] = [];
    let redirect = false;
    for (const record of node) {
      if (record.kind === 'lua') {
        if (!this.#isWanted(record.type)) continue;
        const made = this.#code.run(zone, record, target);
        found.push(...made);
        if (made.length > 0 && record.type === 'CNAME' && type !== 'CNAME') redirect = true;
      } else if (record.type === 'CNAME' && type !== 'CNAME') {
        found.push(this.#fixed(record, target));
        redirect = true;
      } else if (type === record.type || type === 'ANY') found.push(this.#fixed(record, target));
    }
    const alias = redirect ? found.find((record) => record.type === 'CNAME') : undefined;
    if (alias !== undefined) return { kind: 'cname', records: [alias], target: alias.rdata };
    const records = distinctRecords(found.filter((record) => type === 'ANY' || record.type === type));
    return records.length > 0 ? { kind: 'answer', records } : this.#nothing(zone, 'NOERROR');
  }

  #atWildcard(zone: ZoneIndex, target: string, node: readonly ResourceRecord[]): Step {
    const { wildcardCname, typelessWildcard } = this.#evaluation.server.profile;
    const onlyFirst = wildcardCname === 'first only';
    if (typelessWildcard && node.length === 0 && this.#evaluation.question.type === 'ANY') {
      return { kind: 'answer', records: [{ owner: target, type: 'TYPE0', ttlSeconds: 0, rdata: '\\# 0' }] };
    }
    const found: AnswerRecord[] = [];
    for (const [i, record] of node.entries()) {
      // Read one ahead of what is looked at.
      this.#requireReadable(node.slice(i, i + 2));
      if (!this.#isWanted(record.type)) continue;
      if (record.kind === 'lua') found.push(...this.#code.run(zone, record, target));
      else found.push(this.#fixed(record, target));
      // What comes behind the alias is not even run, so it cannot fail.
      if (onlyFirst && found.some(({ type }) => type === 'CNAME')) break;
    }
    const first = found.find((record) => record.type === 'CNAME');
    if (first === undefined) {
      return found.length > 0 ? { kind: 'answer', records: distinctRecords(found) } : this.#nothing(zone, 'NOERROR');
    }
    // Followed also where the question is for the alias itself, unlike one at the very name.
    if (onlyFirst) return { kind: 'cname', records: [first], target: first.rdata };
    return this.#manyAliases(target, found);
  }

  /** Up to 4.8 each record belongs to the target of the alias before it, and the last target is gone on with. */
  #manyAliases(name: string, found: readonly AnswerRecord[]): Step {
    let target = name;
    const records = found.map((record) => {
      const moved = { ...record, owner: target };
      if (this.#code.made.has(record)) this.#code.made.add(moved);
      if (record.type === 'CNAME') target = record.rdata;
      return moved;
    });
    return { kind: 'cname', records, target };
  }

  #isWanted(recordType: string): boolean {
    const { type } = this.#evaluation.question;
    return recordType === 'CNAME' || recordType === type || (type === 'ANY' && recordType !== 'RRSIG');
  }

  #fixed(record: StaticRecord, owner: string): AnswerRecord {
    const rdata = canonicalRdata(record.type, record.rdata, this.#evaluation.server.profile.text);
    return { owner, type: record.type, ttlSeconds: record.ttlSeconds, rdata };
  }
}

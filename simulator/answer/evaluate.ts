/**
 * One question to one answer: name look-up with CNAMEs and wildcards, the code of LUA records, and the rules by which
 * their results become an answer section. Pure: every status is read through `statusOf`, every draw through `chooser`.
 */
import type { IpAddress, Prefix } from '../../geoip/address.ts';
import { UserError } from '../../input/errors.ts';
import type { GeoView } from '../../geoip/location.ts';
import type { Chooser } from '../chooser.ts';
import type { Check } from '../health/check.ts';
import { AWAITED, type CheckStatus } from '../health/status.ts';
import type { Reason, RecordQuery, StoredRecord, Warning } from '../lua/context.ts';
import type { LuaHost } from '../lua/environment.ts';
import type { Fact } from '../lua/fact.ts';
import { orderCounts } from '../lua/order.ts';
import type { Profile } from '../profile/profile.ts';
import { delegationOf, wildcardFor, type ZoneIndex, zoneOf } from '../zone/index.ts';
import { luaCode } from '../zone/lua-code.ts';
import { absoluteName, isSubdomain, lowerCaseName, parentName, sameName } from '../zone/name.ts';
import type { LuaRecord, ResourceRecord, StaticRecord } from '../zone/record.ts';
import { canonicalType } from '../zone/record-type.ts';
import { type AnswerRecord, emptyOutcome, type Outcome, type Rcode } from './outcome.ts';
import { canonicalRdata, parseRdata } from './rdata.ts';
import { recordQuery } from './record-query.ts';

/** What a client asks. */
export interface Question {
  /** Absolute name in the client's case. */
  readonly name: string;
  /** Upper-case mnemonic, `ANY`, or `TYPEn`. */
  readonly type: string;
  /** The address that the server sees the packet come from. */
  readonly client: IpAddress;
  readonly clientPort?: number;
  /** The ECS network in the packet. */
  readonly ecs?: Prefix;
  readonly tcp?: boolean;
  readonly dnssecOk?: boolean;
  readonly recursionDesired?: boolean;
  readonly checkingDisabled?: boolean;
  /** EDNS buffer size; absent without EDNS. */
  readonly ednsSize?: number;
}

/** Settings of the server that decide answers; names as in `pdns.conf`, spelled as identifiers. */
export interface AnswerSettings {
  /** `enable-lua-records` is not `no`. */
  readonly luaRecords: boolean;
  /** `edns-subnet-processing` */
  readonly ednsSubnetProcessing: boolean;
  /** `lua-records-insert-whitespace` */
  readonly luaRecordsInsertWhitespace: boolean;
  /** `lua-records-exec-limit`: instructions of LuaJIT that one evaluation may take, on 5.0 and later; 0 is no limit. */
  readonly luaRecordsExecLimit: number;
}

/** A server as far as answers go: what it serves and knows, but nothing that changes with the health of targets. */
export interface ServerModel {
  readonly profile: Profile;
  readonly settings: AnswerSettings;
  readonly zones: readonly ZoneIndex[];
  /** Zones that are configured and have no data, such as those of a secondary that was never transferred. */
  readonly emptyZones?: readonly string[];
  readonly geo: GeoView;
  readonly lua: LuaHost;
  readonly localAddress: IpAddress;
  readonly localPort: number;
}

/** What changes between two evaluations of the same question. */
export interface Beliefs {
  readonly chooser: Chooser;
  /** As the server holds it before this evaluation, or as its checker gives it. `speaksFor`: the address that hangs on it. */
  statusOf(check: Check, speaksFor: string): CheckStatus;
  /** Told of every fact that code reads, and gives its value; absent: the fact's own. */
  factOf?<T>(fact: Fact<T>, query: RecordQuery): T;
}

/** Told of what an evaluation found, for explanations. Reasons are made only where somebody listens. */
export interface Trace {
  because(reason: () => Reason): void;
  warn(warning: Warning): void;
}

const MAX_CNAME_STEPS = 10;

/** What names may hold unless `8bit-dns` is set; an escaped blank too. */
const NAME_CHARACTERS = /^(?:[A-Za-z0-9\-_*./@ :]|\\(?:[.\\]|032))*$/;

/** The answer to `question`, given the beliefs. */
export function evaluate(asked: Question, server: ServerModel, beliefs: Beliefs, trace: Trace): Outcome {
  const question = { ...asked, type: canonicalType(asked.type) ?? asked.type };
  const ecs = server.settings.ednsSubnetProcessing ? question.ecs : undefined;
  const failure = (rcode: Rcode): Outcome => emptyOutcome(rcode, ecs === undefined ? undefined : 0);
  const run = new Run(question, ecs, server, beliefs, trace);
  if (!NAME_CHARACTERS.test(question.name)) {
    trace.because(() => ({ step: `PowerDNS refuses names with such characters: ${question.name}`, detail: {} }));
    return failure('SERVFAIL');
  }
  const answers: AnswerRecord[] = [];
  // Who asks for aliases, or for anything, has got one: that its target does not exist is not said.
  const isAliasQuestion = question.type === 'CNAME' || question.type === 'ANY';
  let target = question.name;
  for (let steps = 0; steps <= MAX_CNAME_STEPS; steps++) {
    const zone = zoneOf(server.zones, target);
    if (zone === undefined) {
      if (steps === 0) return failure(isBelowAny(target, server.emptyZones ?? []) ? 'SERVFAIL' : 'REFUSED');
      return finish(answers, NO_ENDING, ecs, run);
    }
    const step = run.lookUp(zone, target);
    switch (step.kind) {
      case 'failed':
        return failure(step.rcode);
      case 'none':
        return finish(answers, steps > 0 && step.rcode === 'NXDOMAIN' && isAliasQuestion ? NO_ENDING : step, ecs, run);
      case 'answer':
        return finish([...answers, ...step.records], NO_ENDING, ecs, run);
      case 'cname': {
        const name = target;
        answers.push(...step.records);
        trace.because(() => aliasReason(name, step.target));
        target = step.target;
      }
    }
  }
  return failure('SERVFAIL');
}

function isBelowAny(name: string, zones: readonly string[]): boolean {
  return zones.some((zone) => isSubdomain(name, zone));
}

function aliasReason(name: string, target: string): Reason {
  return { step: `${name} is an alias of ${target}`, detail: { target } };
}

/** How an answer section ends: with what was asked for, or with why there is nothing. */
interface Ending {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly authority: readonly AnswerRecord[];
}

const NO_ENDING: Ending = { rcode: 'NOERROR', authority: [] };

function finish(found: readonly AnswerRecord[], ending: Ending, ecs: Prefix | undefined, run: Run): Outcome {
  const { rcode, authority } = ending;
  const answers = distinct(found);
  const scope = answers.some((record) => run.made.has(record)) ? (ecs?.length ?? 0) : 0;
  const authoritative = answers.length > 0 || authority.every((record) => record.type !== 'NS');
  const ecsScope = ecs === undefined ? undefined : scope;
  return Object.freeze({ rcode, answers, authority, authoritative, ecsScope });
}

type Step =
  | { readonly kind: 'answer'; readonly records: readonly AnswerRecord[] }
  | { readonly kind: 'cname'; readonly records: readonly AnswerRecord[]; readonly target: string }
  | ({ readonly kind: 'none' } & Ending)
  | { readonly kind: 'failed'; readonly rcode: Rcode };

/** Code that ended the whole response. */
class Failed extends Error {
  readonly rcode: Rcode;
  constructor(rcode: Rcode) {
    super(rcode);
    this.rcode = rcode;
  }
}

class Run {
  /** The answer records that code has made. */
  readonly made = new Set<AnswerRecord>();
  readonly #madeKnown = new Set<string>();
  readonly #question: Question;
  readonly #ecs: Prefix | undefined;
  readonly #server: ServerModel;
  readonly #beliefs: Beliefs;
  readonly #trace: Trace;

  constructor(question: Question, ecs: Prefix | undefined, server: ServerModel, beliefs: Beliefs, trace: Trace) {
    this.#question = question;
    this.#ecs = ecs;
    this.#server = server;
    this.#beliefs = beliefs;
    this.#trace = trace;
  }

  lookUp(zone: ZoneIndex, target: string): Step {
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
    return this.#question.type === 'DS' && isAtDelegation && !zone.at(target)?.some(({ type }) => type === 'CNAME');
  }

  /** Code for DS records is not run there. */
  #signers(zone: ZoneIndex, target: string): Step {
    const records = (zone.at(target) ?? [])
      .filter((record) => record.kind === 'static')
      .filter(({ type }) => type === 'DS')
      .map((record) => this.#fixed(record, target));
    return records.length > 0 ? { kind: 'answer', records: distinct(records) } : this.#nothing(zone, 'NOERROR');
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
    if (!this.#server.profile.text.strictEscapes || !zone.hasEscapes) return;
    for (let at: string | undefined = target; at !== undefined; at = parentName(at)) {
      this.#requireReadable(zone.at(at));
      if (sameName(at, last)) return;
    }
  }

  /** A record whose text cannot be read makes its whole name fail, and all names below it. */
  #requireReadable(records: readonly ResourceRecord[] = []): void {
    if (!this.#server.profile.text.strictEscapes) return;
    for (const record of records) {
      const text = record.kind === 'lua' ? record.text : TEXT_TYPES.has(record.type) ? record.rdata : '';
      const bad = badEscape(text);
      if (bad === undefined) continue;
      const message = `${record.owner} ${record.type}: '${bad}' in the text is no escape: write three digits up to 255`;
      this.#fail('SERVFAIL', 'E_LUA_TEXT', message);
    }
  }

  /** Where LUA records are switched off they are as if absent, so the name may not exist at all. */
  #enabled(records: readonly ResourceRecord[] | undefined): readonly ResourceRecord[] | undefined {
    if (this.#server.settings.luaRecords || records === undefined) return records;
    const rest = records.filter((record) => record.kind === 'static');
    return rest.length === 0 && records.length > 0 ? undefined : rest;
  }

  #atName(zone: ZoneIndex, target: string, node: readonly ResourceRecord[]): Step {
    const { type } = this.#question;
    const found: AnswerRecord[] = [];
    let redirect = false;
    for (const record of node) {
      if (record.kind === 'lua') {
        if (!this.#isWanted(record.type)) continue;
        const made = this.#runCode(zone, record, target);
        found.push(...made);
        if (made.length > 0 && record.type === 'CNAME' && type !== 'CNAME') redirect = true;
      } else if (record.type === 'CNAME' && type !== 'CNAME') {
        found.push(this.#fixed(record, target));
        redirect = true;
      } else if (type === record.type || type === 'ANY') found.push(this.#fixed(record, target));
    }
    const alias = redirect ? found.find((record) => record.type === 'CNAME') : undefined;
    if (alias !== undefined) return { kind: 'cname', records: [alias], target: alias.rdata };
    const records = distinct(found.filter((record) => type === 'ANY' || record.type === type));
    return records.length > 0 ? { kind: 'answer', records } : this.#nothing(zone, 'NOERROR');
  }

  #atWildcard(zone: ZoneIndex, target: string, node: readonly ResourceRecord[]): Step {
    const { wildcardCname, typelessWildcard } = this.#server.profile;
    const onlyFirst = wildcardCname === 'first only';
    if (typelessWildcard && node.length === 0 && this.#question.type === 'ANY') {
      return { kind: 'answer', records: [{ owner: target, type: 'TYPE0', ttlSeconds: 0, rdata: '\\# 0' }] };
    }
    const found: AnswerRecord[] = [];
    for (const [i, record] of node.entries()) {
      // Read one ahead of what is looked at.
      this.#requireReadable(node.slice(i, i + 2));
      if (!this.#isWanted(record.type)) continue;
      if (record.kind === 'lua') found.push(...this.#runCode(zone, record, target));
      else found.push(this.#fixed(record, target));
      // What comes behind the alias is not even run, so it cannot fail.
      if (onlyFirst && found.some(({ type }) => type === 'CNAME')) break;
    }
    const first = found.find((record) => record.type === 'CNAME');
    if (first === undefined) {
      return found.length > 0 ? { kind: 'answer', records: distinct(found) } : this.#nothing(zone, 'NOERROR');
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
      if (this.made.has(record)) this.made.add(moved);
      if (record.type === 'CNAME') target = record.rdata;
      return moved;
    });
    return { kind: 'cname', records, target };
  }

  #isWanted(recordType: string): boolean {
    const { type } = this.#question;
    return recordType === 'CNAME' || recordType === type || (type === 'ANY' && recordType !== 'RRSIG');
  }

  #runCode(zone: ZoneIndex, record: LuaRecord, target: string): AnswerRecord[] {
    const { profile, geo, lua } = this.#server;
    const query = recordQuery(this.#question, this.#ecs, this.#server, target);
    const beliefs = this.#beliefs;
    const code = this.#code(record);
    const result = lua.run(
      code,
      {
        profile,
        read: (fact) => (beliefs.factOf === undefined ? fact.of(query, geo) : beliefs.factOf(fact, query)),
        zone: zone.zone.name,
        owner: record.owner,
        recordsAt: (name) => this.#recordsAt(name),
        codeAt: (name) => this.#codeAt(zone, name),
        geo,
        chooser: this.#beliefs.chooser,
        orderCounts: orderCounts(code, record.type),
        statusOf: (check, speaksFor) => this.#statusOf(check, speaksFor),
        warn: (warning) => this.#trace.warn(warning),
        because: (reason) => this.#trace.because(() => reason(query)),
      },
      this.#instructionLimit,
    );
    const where = `${record.owner} ${record.type}`;
    switch (result.kind) {
      case 'values':
        // One of several aliases is followed, so here the order matters.
        if (result.unordered && record.type === 'CNAME') {
          this.#fail('OPAQUE', 'E_LUA_OPAQUE', `${where}: which alias comes first hangs on the hash of the keys`);
        }
        return result.values.map((value) => this.#made(record, target, value));
      case 'error':
        return this.#fail('SERVFAIL', 'E_LUA_ERROR', `${where}: ${result.message}`);
      case 'limit':
        return this.#fail('SERVFAIL', 'E_LUA_EXEC_LIMIT', `${where}: ${result.message}`);
      case 'crash':
        return this.#fail('CRASH', 'E_SERVER_CRASH', `${where}: ${result.message}`);
      case 'hang':
        return this.#fail('DROPPED', 'E_LUA_ENDLESS', `${where}: ${result.message}`);
      case 'opaque':
        return this.#fail('OPAQUE', 'E_LUA_OPAQUE', `${where}: ${result.message}`);
    }
  }

  get #instructionLimit(): number {
    const { profile, settings } = this.#server;
    return profile.execLimit ? settings.luaRecordsExecLimit : 0;
  }

  /** The first question makes an absent check known, so that a second one in the same evaluation finds it awaited. */
  #statusOf(check: Check, speaksFor: string): CheckStatus {
    const status = this.#beliefs.statusOf(check, speaksFor);
    if (status.kind !== 'unknown') return status;
    if (this.#madeKnown.has(check.id)) return AWAITED;
    this.#madeKnown.add(check.id);
    return status;
  }

  #code(record: LuaRecord): string {
    const { luaRecordsInsertWhitespace } = this.#server.settings;
    const known = codes[luaRecordsInsertWhitespace ? 'spaced' : 'joined'];
    let code = known.get(record);
    if (code === undefined) {
      code = toBinary(luaCode(record.text, luaRecordsInsertWhitespace));
      known.set(record, code);
    }
    return code;
  }

  #recordsAt(name: string): StoredRecord[] {
    const zone = zoneOf(this.#server.zones, name);
    return (zone?.at(name) ?? []).map((record) =>
      record.kind === 'lua'
        ? { type: 'LUA', content: toBinary(`${record.type} ${record.text}`) }
        : { type: record.type, content: this.#fixed(record, name).rdata },
    );
  }

  #codeAt(zone: ZoneIndex, name: string): string[] {
    const target = nameBelow(name, zone.zone.name);
    const records = target === undefined ? [] : (zone.at(target) ?? []);
    return records.flatMap((record) => (record.kind === 'lua' ? [this.#code(record)] : []));
  }

  #fixed(record: StaticRecord, owner: string): AnswerRecord {
    const rdata = canonicalRdata(record.type, record.rdata, this.#server.profile.text);
    return { owner, type: record.type, ttlSeconds: record.ttlSeconds, rdata };
  }

  #made(record: LuaRecord, owner: string, value: string): AnswerRecord {
    const parsed = parseRdata(record.type, value, this.#server.profile.text);
    if (parsed.kind !== 'rdata') {
      const unsupported = parsed.kind === 'unsupported';
      return this.#fail(
        unsupported ? 'OPAQUE' : 'SERVFAIL',
        unsupported ? 'E_RDATA_UNSUPPORTED' : 'E_RDATA_INVALID',
        `${record.owner} ${record.type}: ${parsed.reason}`,
      );
    }
    const made = { owner, type: record.type, ttlSeconds: record.ttlSeconds, rdata: parsed.rdata };
    this.made.add(made);
    return made;
  }

  #fail(rcode: Rcode, code: string, message: string): never {
    this.#trace.warn({ code, message });
    this.#trace.because(() => ({ step: message, detail: { rcode } }));
    throw new Failed(rcode);
  }
}

/** `name` below `zone`, as `include` reads it; undefined for what is no name. */
function nameBelow(name: string, zone: string): string | undefined {
  try {
    return absoluteName(name === '' ? zone : `${name.replace(/\.$/, '')}.${zone}`, '.');
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

const TEXT_TYPES: ReadonlySet<string> = new Set(['TXT', 'SPF']);

/** The first backslash before a digit that does not start a byte in three digits. */
function badEscape(text: string): string | undefined {
  if (!text.includes('\\')) return undefined;
  for (const [written, digits] of text.matchAll(/\\(?:(\d{1,3})|[\s\S])/g)) {
    if (digits !== undefined && (digits.length < 3 || Number(digits) > 0xff)) return written;
  }
  return undefined;
}

/** Equal owner, type and data once; the first seen keeps its TTL. */
function distinct(records: readonly AnswerRecord[]): AnswerRecord[] {
  const seen = new Set<string>();
  return records.filter(({ owner, type, rdata }) => {
    const key = `${lowerCaseName(owner)} ${type} ${rdata}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

/** The code of records, made once. */
const codes = { spaced: new WeakMap<LuaRecord, string>(), joined: new WeakMap<LuaRecord, string>() };

/** Zone text holds characters; Lua holds bytes. */
function toBinary(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The code of LUA records, run for one question, and the answer records that its results become. */
import { UserError } from '../../input/errors.ts';
import type { Check } from '../health/check.ts';
import { AWAITED, type CheckStatus } from '../health/status.ts';
import type { StoredRecord } from '../lua/context.ts';
import { orderCounts } from '../lua/order.ts';
import { type ZoneIndex, zoneOf } from '../zone/index.ts';
import { luaCode } from '../zone/lua-code.ts';
import { absoluteName } from '../zone/name.ts';
import type { LuaRecord } from '../zone/record.ts';
import type { Evaluation } from './evaluation.ts';
import { fail } from './failed.ts';
import type { AnswerRecord, Rcode } from './outcome.ts';
import { canonicalRdata, parseRdata } from './rdata.ts';
import { recordQuery } from './record-query.ts';

export class CodeRun {
  /** The answer records that code has made. */
  readonly made = new Set<AnswerRecord>();
  readonly #madeKnown = new Set<string>();
  readonly #asked: Evaluation;

  constructor(asked: Evaluation) {
    this.#asked = asked;
  }

  /** What the code of `record` answers at `target`. Throws `Failed` where it ends the whole response. */
  run(zone: ZoneIndex, record: LuaRecord, target: string): AnswerRecord[] {
    const { profile, geo, lua } = this.#asked.server;
    const query = recordQuery(this.#asked.question, this.#asked.ecs, this.#asked.server, target);
    const beliefs = this.#asked.beliefs;
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
        chooser: this.#asked.beliefs.chooser,
        orderCounts: orderCounts(code, record.type),
        statusOf: (check, speaksFor) => this.#statusOf(check, speaksFor),
        warn: (warning) => this.#asked.trace.warn(warning),
        because: (reason) => this.#asked.trace.because(() => reason(query)),
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
    const { profile, settings } = this.#asked.server;
    return profile.execLimit ? settings.luaRecordsExecLimit : 0;
  }

  /** The first question makes an absent check known, so that a second one in the same evaluation finds it awaited. */
  #statusOf(check: Check, speaksFor: string): CheckStatus {
    const status = this.#asked.beliefs.statusOf(check, speaksFor);
    if (status.kind !== 'unknown') return status;
    if (this.#madeKnown.has(check.id)) return AWAITED;
    this.#madeKnown.add(check.id);
    return status;
  }

  #code(record: LuaRecord): string {
    const { luaRecordsInsertWhitespace } = this.#asked.server.settings;
    const known = codes[luaRecordsInsertWhitespace ? 'spaced' : 'joined'];
    let code = known.get(record);
    if (code === undefined) {
      code = toBinary(luaCode(record.text, luaRecordsInsertWhitespace));
      known.set(record, code);
    }
    return code;
  }

  #recordsAt(name: string): StoredRecord[] {
    const zone = zoneOf(this.#asked.server.zones, name);
    return (zone?.at(name) ?? []).map((record) =>
      record.kind === 'lua'
        ? { type: 'LUA', content: toBinary(`${record.type} ${record.text}`) }
        : { type: record.type, content: canonicalRdata(record.type, record.rdata, this.#asked.server.profile.text) },
    );
  }

  #codeAt(zone: ZoneIndex, name: string): string[] {
    const target = nameBelow(name, zone.zone.name);
    const records = target === undefined ? [] : (zone.at(target) ?? []);
    return records.flatMap((record) => (record.kind === 'lua' ? [this.#code(record)] : []));
  }

  #made(record: LuaRecord, owner: string, value: string): AnswerRecord {
    const parsed = parseRdata(record.type, value, this.#asked.server.profile.text);
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
    return fail(this.#asked.trace, rcode, code, message);
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

/** The code of records, made once. */
const codes = { spaced: new WeakMap<LuaRecord, string>(), joined: new WeakMap<LuaRecord, string>() };

/** Zone text holds characters; Lua holds bytes. */
function toBinary(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

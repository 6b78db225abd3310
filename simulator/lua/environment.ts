/**
 * Runs the code of records as PowerDNS does: its variables and functions, the implicit `return`, the rules for results.
 * Each record is evaluated in a state of its own, so nothing that code leaves behind is seen by the next.
 */

import type { Profile } from '../profile/profile.ts';
import { BOOTSTRAP } from './bootstrap.ts';
import { asResult, CALLS_BACK, type CodeResult, STEP_BUDGET } from './code-result.ts';
import { FEATURES, GEO_ATTRIBUTES, pdnsTable } from './constants.ts';
import { type EvaluationContext, Opaque } from './context.ts';
import { hashedKeys } from './convert.ts';
import * as fact from './fact.ts';
import { RECORD_FUNCTIONS } from './functions/index.ts';
import { compileHelpers, valueHelpers } from './helpers.ts';
import { InstructionMeter, isFarBelow } from './instruction-meter.ts';
import { type CountedCode, countedCode, isUncountable } from './instruction-points.ts';
import { LuaError } from './lua-error.ts';
import { LUA_TYPE, type LuaReturn } from './lua-value.ts';
import { chunkName, plainLua, whyRefused } from './luajit-syntax.ts';
import { comboAddress } from './objects/address.ts';
import { headerObject } from './objects/header.ts';
import { hostErrorType } from './objects/host-error.ts';
import { dnsName } from './objects/name.ts';
import { netmaskObject } from './objects/netmask.ts';
import type { LuaStack } from './stack.ts';
import { type Chunk, LuaVm } from './vm.ts';

type Compiled =
  | Extract<Chunk, { kind: 'chunk' }>
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'opaque'; readonly message: string };

const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const MAX_CACHED_CHUNKS = 4096;
const MAX_LOADED_TEXTS = 100;
const MAX_INCLUDES = 16;

const TOO_DEEP = 'chunk has too many syntax levels';
/** Limits that are the same in LuaJIT, or lower. */
const REFUSED_BY_BOTH = new RegExp(`${TOO_DEEP}|has more than 200 local variables`);
/** Counting is cheaper than other calls of the host, and loops of a hundred thousand turns are to end. */
const SPARED_STEPS = 400;
const CANNOT_COUNT = 'the instructions of the code cannot be counted, and there is a limit to them';
/** Each level takes a character at least, and functions two levels for more than ten. */
const SHORTEST_DEEP_NESTING = 190;

export type { CodeResult } from './code-result.ts';

export interface LuaHostOptions {
  /** The compiled WebAssembly of Lua 5.1. */
  readonly module: WebAssembly.Module;
  readonly profile: Profile;
}

export class LuaHost {
  readonly #others = new Map<Profile, LuaHost>();
  readonly #options: LuaHostOptions;
  readonly #chunks = new Map<string, Compiled>();
  readonly #countings = new Map<string, { readonly counted: CountedCode; readonly ref: number }>();
  #vm: LuaVm;
  #environment = 0;
  #context: EvaluationContext | undefined;
  #meter: InstructionMeter | undefined;
  /** The code that runs, and all that it loaded. */
  #code = '';
  #loaded: string[] = [];
  /** Calls of `include` in this evaluation. */
  #includes = 0;

  constructor(options: LuaHostOptions) {
    this.#options = options;
    this.#vm = this.#newVm();
  }

  /** The host of another release line over the same machine code; always the same one, as a VM takes long to set up. */
  withProfile(profile: Profile): LuaHost {
    const known = this.#others.get(profile);
    if (known !== undefined) return known;
    const host = new LuaHost({ ...this.#options, profile });
    this.#others.set(profile, host);
    return host;
  }

  /**
   * Evaluates code. `code` is a binary string as `luaCode` gives it. `instructionLimit`: `lua-records-exec-limit` where the
   * release heeds it; 0 is none.
   */
  run(code: string, context: EvaluationContext, instructionLimit = 0): CodeResult {
    if (!this.#vm.usable) this.#abandon();
    this.#meter =
      instructionLimit > 0 && !isFarBelow(code, instructionLimit) ? new InstructionMeter(instructionLimit) : undefined;
    this.#context = context;
    this.#code = code;
    this.#loaded = [];
    this.#includes = 0;
    try {
      return this.#belowLimit(this.#runCode(code));
    } finally {
      this.#context = undefined;
      if (TOUCHES_THE_STATE.test(code)) this.#abandon();
    }
  }

  #runCode(code: string): CodeResult {
    try {
      const compiled = this.#compile(code);
      if (compiled.kind !== 'chunk') return compiled;
      const { ref } = this.#counted(code) ?? compiled;
      return this.#vm.run(ref, readResult, (state) => this.#vm.freshEnvironment(state, this.#environment));
    } catch (thrown) {
      return asResult(thrown, this.#codes());
    }
  }

  /** What has come of a run, unless its instructions may have ended it before. */
  #belowLimit(result: CodeResult): CodeResult {
    const doubt = this.#meter?.doubt();
    if (doubt === undefined || result.kind === 'limit' || result.kind === 'opaque') return result;
    if (result.kind === 'error' && !this.#meter?.catches) return result;
    return { kind: 'opaque', message: doubt };
  }

  #compile(code: string): Compiled {
    const known = this.#chunks.get(code);
    if (known !== undefined) return known;
    if (this.#chunks.size >= MAX_CACHED_CHUNKS) {
      for (const chunk of this.#chunks.values()) if (chunk.kind === 'chunk') this.#vm.release(chunk);
      for (const { ref } of this.#countings.values()) this.#vm.release({ kind: 'chunk', ref });
      this.#chunks.clear();
      this.#countings.clear();
    }
    const compiled = this.#compileNew(chunkText(code));
    this.#chunks.set(code, compiled);
    return compiled;
  }

  #compileNew(code: string): Compiled {
    const { profile } = this.#options;
    const plain = plainLua(code, profile);
    if (plain.kind === 'foreign') return { kind: 'opaque', message: plain.message };
    if (plain.kind === 'refused') return { kind: 'error', message: plain.message };
    // Named by its text, as PowerDNS does: error messages quote it.
    const chunk = this.#vm.compile(plain.code, chunkName(code));
    if (chunk.kind === 'chunk') return this.#nestsTooDeep(plain.code) ? { kind: 'error', message: TOO_DEEP } : chunk;
    if (REFUSED_BY_BOTH.test(chunk.message)) return { kind: 'error', message: chunk.message };
    return whyRefused(plain.code, profile) === 'foreign'
      ? { kind: 'opaque', message: `only LuaJIT can run this code (${chunk.message})` }
      : { kind: 'error', message: chunk.message };
  }

  /** The chunk that counts its instructions, where it may have too many. */
  #counted(code: string): { readonly ref: number } | undefined {
    if (this.#meter === undefined) return undefined;
    let counting = this.#countings.get(code);
    if (counting === undefined) {
      const text = chunkText(code);
      const plain = plainLua(text, this.#options.profile);
      const counted = plain.kind === 'code' && !isUncountable(code) ? countedCode(plain.code, 0) : undefined;
      const chunk = counted === undefined ? undefined : this.#vm.compile(counted.text, chunkName(text));
      if (counted === undefined || chunk?.kind !== 'chunk') throw new Opaque(CANNOT_COUNT);
      counting = { counted, ref: chunk.ref };
      this.#countings.set(code, counting);
    }
    this.#meter.add(code, counting.counted);
    return counting;
  }

  /** LuaJIT nests one level less than Lua 5.1: what it takes can stand in one more block. */
  #nestsTooDeep(code: string): boolean {
    if (code.length < SHORTEST_DEEP_NESTING) return false;
    const nested = this.#vm.compile(`do ${code}\nend`, '=nested');
    this.#vm.release(nested);
    return nested.kind === 'refused' && nested.message.includes(TOO_DEEP);
  }

  #abandon(): void {
    this.#chunks.clear();
    this.#countings.clear();
    this.#vm = this.#newVm();
  }

  #newVm(): LuaVm {
    const { module, profile } = this.#options;
    const limits = { maxMemoryBytes: MAX_MEMORY_BYTES, stepBudget: STEP_BUDGET };
    const vm = new LuaVm(module, limits, hostErrorType);
    const simulated = [...profile.functions].filter((name) => RECORD_FUNCTIONS.has(name));
    for (const name of simulated) {
      vm.setGlobal(name, (stack) => RECORD_FUNCTIONS.get(name)?.call(stack, this.#current()));
    }
    vm.setGlobal('pdns', pdnsTable(profile));
    vm.setGlobal('pdns_features', FEATURES);
    if (profile.functions.has('GeoIPQueryAttribute')) vm.setGlobal('GeoIPQueryAttribute', GEO_ATTRIBUTES);
    vm.setGlobal('__variable', (stack) => variable(stack.string(1), this.#current()));
    vm.setGlobal('__included', (stack) => {
      if (++this.#includes > MAX_INCLUDES)
        throw new Opaque('the code includes without end: where a server stops is not known');
      return included(stack, this.#current());
    });
    for (const [name, helper] of [...valueHelpers, ...compileHelpers(profile, (code) => this.#loads(code))])
      vm.setGlobal(`__${name}`, helper);
    const apart = new Set([...simulated, 'include', 'GeoIPQueryAttribute']);
    vm.setGlobal(
      '__unsimulated',
      [...profile.functions].filter((name) => !apart.has(name)),
    );
    vm.setGlobal('__lua52', profile.lua52);
    vm.setGlobal('__counted', (stack) => {
      stack.spend(-SPARED_STEPS);
      this.#meter?.pass(stack.number(1));
      return undefined;
    });
    vm.setGlobal('__jit_off', () => {
      this.#meter?.interpretOnly();
      return undefined;
    });
    vm.setGlobal('__caught_overflow', (stack) => this.#catchesOverflow(stack.string(1)));
    vm.bootstrap(BOOTSTRAP, '=bootstrap');
    this.#environment = vm.reference('__environment');
    vm.setGlobal('__environment', undefined);
    return vm;
  }

  #codes(): readonly string[] {
    return [chunkText(this.#code), ...this.#loaded];
  }

  /** Told of every error about the stack that the code catches. */
  #catchesOverflow(message: string): undefined {
    if (this.#codes().some((code) => CALLS_BACK.test(code))) throw new Opaque(`${message}: LuaJIT would go on`);
  }

  /** Told of code that the code loads; what it gives is run in its place. */
  #loads(code: string): string {
    if (this.#loaded.length < MAX_LOADED_TEXTS) this.#loaded.push(code);
    if (this.#meter === undefined) return code;
    if (isUncountable(code)) throw new Opaque(CANNOT_COUNT);
    const counted = countedCode(code, this.#meter.pointCount);
    if (counted === undefined) return code;
    this.#meter.add(code, counted);
    return counted.text;
  }

  #current(): EvaluationContext {
    if (this.#context === undefined) throw new Error('a record function was called outside an evaluation');
    return this.#context;
  }
}

/** Code in front of which no semicolon stands is an expression. */
function chunkText(code: string): string {
  return code.startsWith(';') ? code.slice(1) : `return ${code}`;
}

/**
 * Code that can reach what evaluations share (metatables of basic types, the real global table): its state is thrown
 * away afterwards, as PowerDNS does after every evaluation.
 */
const TOUCHES_THE_STATE = /\b(?:getmetatable|setmetatable|getfenv|setfenv|debug|package|module|collectgarbage)\b/;

function variable(name: string, { read, zone, profile }: EvaluationContext): LuaReturn {
  const peer = ({ address, port }: fact.Peer) => comboAddress(address, port);
  switch (name) {
    case 'qname':
      return dnsName(read(fact.qname));
    case 'zone':
      return dnsName(zone);
    case 'who':
      return peer(read(fact.who));
    case 'bestwho':
      return peer(read(fact.bestwho));
    case 'ecswho': {
      const prefix = read(fact.ecswho);
      return prefix === undefined ? undefined : netmaskObject(prefix);
    }
    case 'localwho':
      return profile.localwho ? peer(read(fact.localwho)) : undefined;
    case 'dnssecOK':
      return read(fact.isDnssecOk);
    case 'tcp':
      return read(fact.isTcp);
    case 'ednsPKTSize':
      return read(fact.ednsSize);
    case 'dh':
      return headerObject(read(fact.header), profile.headerMethods);
    default:
      throw new Opaque(`${name} is known to the server only`);
  }
}

/** The code that `include` runs. A name that is none finds nothing, as one without records. */
function included(stack: LuaStack, context: EvaluationContext): readonly string[] {
  const type = stack.type(1);
  if (type !== LUA_TYPE.string && type !== LUA_TYPE.number) throw new LuaError('include: expected a name');
  return context.codeAt(stack.string(1));
}

/** The first result, as PowerDNS takes it: a text, a number, or a table of them under numeric keys. */
function readResult(stack: LuaStack): CodeResult {
  switch (stack.type(1)) {
    case LUA_TYPE.string:
    case LUA_TYPE.number:
      return { kind: 'values', values: [stack.string(1)], unordered: false };
    case LUA_TYPE.table:
      return readTable(stack);
    default:
      if (stack.object(1)?.type === hostErrorType) throw new Opaque('the code returns the text of an error');
      throw new LuaError('the code returned neither a string nor a number nor a table of them');
  }
}

function readTable(stack: LuaStack): CodeResult {
  const values: string[] = [];
  stack.forEach(1, (keySlot, valueSlot) => {
    const keyType = stack.type(keySlot);
    const numericKey =
      keyType === LUA_TYPE.number ||
      (keyType === LUA_TYPE.string && !Number.isNaN(Number(stack.string(keySlot).trim() || 'NaN')));
    if (!numericKey) throw new LuaError('the code returned a table with a key that is no number');
    const type = stack.type(valueSlot);
    if (type !== LUA_TYPE.string && type !== LUA_TYPE.number) {
      throw new LuaError('the code returned a table that holds something else than strings and numbers');
    }
    values.push(stack.string(valueSlot));
  });
  return { kind: 'values', values, unordered: hashedKeys(stack, 1) > 1 };
}

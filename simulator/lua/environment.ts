/**
 * Runs the code of records as PowerDNS does: its variables and functions, the implicit `return`, the rules for results.
 * Each record is evaluated in a state of its own, so nothing that code leaves behind is seen by the next.
 */

import type { Profile } from '../profile/profile.ts';
import { BOOTSTRAP } from './bootstrap.ts';
import { FEATURES, GEO_ATTRIBUTES, pdnsTable } from './constants.ts';
import { type EvaluationContext, Opaque, ServerCrash } from './context.ts';
import { hashedKeys } from './convert.ts';
import { RECORD_FUNCTIONS } from './functions/index.ts';
import { compileHelpers, valueHelpers } from './helpers.ts';
import { chunkName, plainLua, whyRefused } from './luajit-syntax.ts';
import { comboAddress } from './objects/address.ts';
import { headerObject } from './objects/header.ts';
import { hostErrorType } from './objects/host-error.ts';
import { dnsName } from './objects/name.ts';
import { netmaskObject } from './objects/netmask.ts';
import { type Chunk, LUA_TYPE, LuaBudgetExceeded, LuaError, type LuaReturn, type LuaStack, LuaVm } from './vm.ts';

/** What one evaluation of a record's code came to. Texts are binary strings. */
export type CodeResult =
  | {
      readonly kind: 'values';
      readonly values: readonly string[];
      /** Their order hangs on the hash of their keys. */
      readonly unordered: boolean;
    }
  /** The whole response becomes SERVFAIL. */
  | { readonly kind: 'error'; readonly message: string }
  /** The server process dies. */
  | { readonly kind: 'crash'; readonly message: string }
  /** The code does not end: the client gets no answer and the server loses a worker. */
  | { readonly kind: 'hang'; readonly message: string }
  /** Cannot be predicted soundly. */
  | { readonly kind: 'opaque'; readonly message: string };

type Compiled =
  | Extract<Chunk, { kind: 'chunk' }>
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'opaque'; readonly message: string };

const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const INSTRUCTION_BUDGET = 5_000_000;
const MAX_CACHED_CHUNKS = 4096;
const MAX_INCLUDES = 16;

export interface LuaHostOptions {
  /** The compiled WebAssembly of Lua 5.1. */
  readonly module: WebAssembly.Module;
  readonly profile: Profile;
}

export class LuaHost {
  readonly #others = new Map<Profile, LuaHost>();
  readonly #options: LuaHostOptions;
  readonly #chunks = new Map<string, Compiled>();
  #vm: LuaVm;
  #environment = 0;
  #context: EvaluationContext | undefined;
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

  /** Evaluates code. `code` is a binary string as `luaCode` gives it. */
  run(code: string, context: EvaluationContext): CodeResult {
    if (!this.#vm.usable) this.#abandon();
    const compiled = this.#compile(code);
    if (compiled.kind !== 'chunk') return compiled;
    this.#context = context;
    this.#includes = 0;
    try {
      return this.#vm.run(compiled.ref, readResult, (state) => this.#vm.freshEnvironment(state, this.#environment));
    } catch (thrown) {
      return asResult(thrown);
    } finally {
      this.#context = undefined;
      if (TOUCHES_THE_STATE.test(code)) this.#abandon();
    }
  }

  #compile(code: string): Compiled {
    const known = this.#chunks.get(code);
    if (known !== undefined) return known;
    if (this.#chunks.size >= MAX_CACHED_CHUNKS) {
      for (const chunk of this.#chunks.values()) if (chunk.kind === 'chunk') this.#vm.release(chunk);
      this.#chunks.clear();
    }
    const compiled = this.#compileNew(code.startsWith(';') ? code.slice(1) : `return ${code}`);
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
    if (chunk.kind === 'chunk') return chunk;
    return whyRefused(plain.code, profile) === 'foreign'
      ? { kind: 'opaque', message: `only LuaJIT can run this code (${chunk.message})` }
      : { kind: 'error', message: chunk.message };
  }

  #abandon(): void {
    this.#chunks.clear();
    this.#vm = this.#newVm();
  }

  #newVm(): LuaVm {
    const { module, profile } = this.#options;
    const limits = { maxMemoryBytes: MAX_MEMORY_BYTES, instructionBudget: INSTRUCTION_BUDGET };
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
    for (const [name, helper] of [...valueHelpers, ...compileHelpers(profile)]) vm.setGlobal(`__${name}`, helper);
    const apart = new Set([...simulated, 'include', 'GeoIPQueryAttribute']);
    vm.setGlobal(
      '__unsimulated',
      [...profile.functions].filter((name) => !apart.has(name)),
    );
    vm.setGlobal('__lua52', profile.lua52);
    vm.bootstrap(BOOTSTRAP, '=bootstrap');
    this.#environment = vm.reference('__environment');
    vm.setGlobal('__environment', undefined);
    return vm;
  }

  #current(): EvaluationContext {
    if (this.#context === undefined) throw new Error('a record function was called outside an evaluation');
    return this.#context;
  }
}

/**
 * Code that can reach what evaluations share (metatables of basic types, the real global table): its state is thrown
 * away afterwards, as PowerDNS does after every evaluation.
 */
const TOUCHES_THE_STATE = /\b(?:getmetatable|setmetatable|getfenv|setfenv|debug|package|module|collectgarbage)\b/;

function variable(name: string, { query, zone, profile }: EvaluationContext): LuaReturn {
  switch (name) {
    case 'qname':
      return dnsName(query.qname);
    case 'zone':
      return dnsName(zone);
    case 'who':
      return comboAddress(query.who, query.whoPort);
    case 'bestwho':
      return comboAddress(query.bestwho, query.ecswho === undefined ? query.whoPort : 0);
    case 'ecswho':
      return query.ecswho === undefined ? undefined : netmaskObject(query.ecswho);
    case 'localwho':
      return profile.localwho ? comboAddress(query.localwho, query.localPort) : undefined;
    case 'dnssecOK':
      return query.dnssecOk;
    case 'tcp':
      return query.tcp;
    case 'ednsPKTSize':
      return query.ednsSize;
    case 'dh':
      return headerObject(query, profile.headerMethods);
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

/** Errors that Lua 5.1 raises where LuaJIT, or a server with more memory, would go on. */
const OURS_ALONE = /attempt to yield across|not enough memory/;

function asResult(thrown: unknown): CodeResult {
  if (thrown instanceof LuaError) {
    return { kind: OURS_ALONE.test(thrown.message) ? 'opaque' : 'error', message: thrown.message };
  }
  if (thrown instanceof Opaque) return { kind: 'opaque', message: thrown.message };
  if (thrown instanceof ServerCrash) return { kind: 'crash', message: thrown.message };
  if (thrown instanceof LuaBudgetExceeded) {
    return {
      kind: 'hang',
      message: `the code ran more than ${INSTRUCTION_BUDGET} instructions: it seems to loop for ever`,
    };
  }
  throw thrown;
}

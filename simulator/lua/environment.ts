/**
 * Runs the code of records as PowerDNS does: its variables and functions, the implicit `return`, the rules for results.
 * Each record is evaluated in a state of its own, so nothing that code leaves behind is seen by the next.
 */
import type { EvaluationContext } from './context.ts';
import { Opaque, ServerCrash } from './context.ts';
import { textList } from './convert.ts';
import { RECORD_FUNCTIONS } from './functions/index.ts';
import { comboAddress, dnsName, netmaskGroupObject, netmaskObject, parseComboAddressObject, parseNetmaskObject } from './objects.ts';
import { type Chunk, LUA_TYPE, LuaBudgetExceeded, LuaError, type LuaReturn, type LuaStack, LuaVm } from './vm.ts';
import type { Profile } from '../profile/profile.ts';

/** What one evaluation of a record's code came to. Texts are binary strings. */
export type CodeResult =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  /** The whole response becomes SERVFAIL. */
  | { readonly kind: 'error'; readonly message: string }
  /** The server process dies. */
  | { readonly kind: 'crash'; readonly message: string }
  /** The code does not end: the client gets no answer and the server loses a worker. */
  | { readonly kind: 'hang'; readonly message: string }
  /** Cannot be predicted soundly. */
  | { readonly kind: 'opaque'; readonly message: string };

const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const INSTRUCTION_BUDGET = 5_000_000;
const MAX_CACHED_CHUNKS = 4096;

export interface LuaHostOptions {
  /** The compiled WebAssembly of Lua 5.1. */
  readonly module: WebAssembly.Module;
  readonly profile: Profile;
}

export class LuaHost {
  readonly #options: LuaHostOptions;
  readonly #chunks = new Map<string, Chunk>();
  #vm: LuaVm;
  #environment = 0;
  #context: EvaluationContext | undefined;

  constructor(options: LuaHostOptions) {
    this.#options = options;
    this.#vm = this.#newVm();
  }

  /** A host of another release line over the same machine code. */
  withProfile(profile: Profile): LuaHost {
    return new LuaHost({ ...this.#options, profile });
  }

  /** Evaluates code. `code` is a binary string as `luaCode` gives it. */
  run(code: string, context: EvaluationContext): CodeResult {
    if (!this.#vm.usable) {
      this.#chunks.clear();
      this.#vm = this.#newVm();
    }
    const chunk = this.#compile(code);
    if (chunk.kind === 'refused') return { kind: 'error', message: chunk.message };
    this.#context = context;
    try {
      return this.#vm.run(chunk.ref, readResult, (state) => this.#vm.freshEnvironment(state, this.#environment));
    } catch (thrown) {
      return asResult(thrown);
    } finally {
      this.#context = undefined;
      if (TOUCHES_THE_STATE.test(code)) this.#abandon();
    }
  }

  #compile(code: string): Chunk {
    const known = this.#chunks.get(code);
    if (known !== undefined) return known;
    if (this.#chunks.size >= MAX_CACHED_CHUNKS) {
      for (const chunk of this.#chunks.values()) this.#vm.release(chunk);
      this.#chunks.clear();
    }
    const chunk = this.#vm.compile(code.startsWith(';') ? code.slice(1) : `return ${code}`, '=record');
    this.#chunks.set(code, chunk);
    return chunk;
  }

  #abandon(): void {
    this.#chunks.clear();
    this.#vm = this.#newVm();
  }

  #newVm(): LuaVm {
    const { module, profile } = this.#options;
    const vm = new LuaVm(module, { maxMemoryBytes: MAX_MEMORY_BYTES, instructionBudget: INSTRUCTION_BUDGET });
    for (const name of profile.functions) {
      const fn = RECORD_FUNCTIONS.get(name);
      if (fn !== undefined) vm.setGlobal(name, (stack) => fn.call(stack, this.#current()));
    }
    vm.setGlobal('newCA', (stack) => parseComboAddressObject(stack.string(1)));
    vm.setGlobal('newDN', (stack) => dnsName(withFinalDot(stack.string(1))));
    vm.setGlobal('newNetmask', (stack) => parseNetmaskObject(stack.string(1)));
    vm.setGlobal('newNMG', (stack) =>
      netmaskGroupObject(stack.size === 0 ? [] : textList(stack, 1, this.#current())),
    );
    vm.setGlobal('__variable', (stack) => variable(stack.string(1), this.#current()));
    vm.setGlobal('__opaque', (stack) => {
      throw new Opaque(stack.string(1));
    });
    vm.setGlobal(
      '__unsimulated',
      [...profile.functions].filter((name) => !isSimulated(name)),
    );
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

const OBJECT_CONSTRUCTORS = new Set(['newCA', 'newDN', 'newNetmask', 'newNMG']);

function isSimulated(name: string): boolean {
  return RECORD_FUNCTIONS.has(name) || OBJECT_CONSTRUCTORS.has(name);
}

/**
 * Code that can reach what evaluations share (metatables of basic types, the real global table): its state is thrown
 * away afterwards, as PowerDNS does after every evaluation.
 */
const TOUCHES_THE_STATE = /\b(?:getmetatable|setmetatable|getfenv|setfenv|debug|package|module|collectgarbage)\b/;

/**
 * Gives each evaluation an environment of its own: reads fall through to the shared globals, writes stay inside, and
 * library tables are copied on first use so that changing them stays inside as well. What reaches for the host is opaque.
 */
const BOOTSTRAP = `
local opaque, variable = __opaque, __variable
local function refuse(name) return function() opaque(name) end end
for _, name in ipairs(__unsimulated) do
  local reason = name .. ' is not simulated'
  _G[name] = setmetatable({}, { __call = refuse(reason), __index = refuse(reason) })
end
for _, name in ipairs{'execute', 'exit', 'getenv', 'remove', 'rename', 'tmpname', 'setlocale'} do
  os[name] = refuse('os.' .. name .. ' reaches for the host')
end
for _, name in ipairs{'time', 'date', 'clock'} do os[name] = refuse('os.' .. name .. ' depends on the time of the query') end
for _, name in ipairs{'random', 'randomseed'} do math[name] = refuse('math.' .. name .. ' is a generator inside the server') end
local closed = function(name)
  return setmetatable({}, { __index = function(_, key) opaque(name .. '.' .. tostring(key) .. ' reaches for the host') end })
end
io, package, debug, jit, bit, pdns, pdns_features = closed('io'), closed('package'), closed('debug'), closed('jit'), closed('bit'), closed('pdns'), closed('pdns_features')
require, dofile, loadfile, module = refuse('require reaches for the host'), refuse('dofile reaches for the host'), refuse('loadfile reaches for the host'), refuse('module reaches for the host')
print = function() end
local variables = {}
for _, name in ipairs{'qname', 'zone', 'zoneid', 'who', 'ecswho', 'bestwho', 'localwho', 'dh', 'dnssecOK', 'tcp', 'ednsPKTSize'} do variables[name] = true end
local libraries = { string = string, table = table, math = math, os = os, coroutine = coroutine }
local globals, rawset, pairs = _G, rawset, pairs
__opaque, __variable, __unsimulated = nil, nil, nil
__environment = { __index = function(environment, key)
  local value
  if variables[key] then value = variable(key)
  elseif key == '_G' then value = environment
  elseif libraries[key] then
    value = {}
    for name, member in pairs(libraries[key]) do value[name] = member end
  else return globals[key] end
  rawset(environment, key, value)
  return value
end }
`;

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
    default:
      throw new Opaque(`${name} is known to the server only`);
  }
}

/** The first result, as PowerDNS takes it: a text, a number, or a table of them under numeric keys. */
function readResult(stack: LuaStack): CodeResult {
  switch (stack.type(1)) {
    case LUA_TYPE.string:
    case LUA_TYPE.number:
      return { kind: 'values', values: [stack.string(1)] };
    case LUA_TYPE.table:
      return { kind: 'values', values: readTable(stack) };
    default:
      throw new LuaError('the code returned neither a string nor a number nor a table of them');
  }
}

function readTable(stack: LuaStack): string[] {
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
  return values;
}

function asResult(thrown: unknown): CodeResult {
  if (thrown instanceof LuaError) return { kind: 'error', message: thrown.message };
  if (thrown instanceof Opaque) return { kind: 'opaque', message: thrown.message };
  if (thrown instanceof ServerCrash) return { kind: 'crash', message: thrown.message };
  if (thrown instanceof LuaBudgetExceeded) {
    return { kind: 'hang', message: `the code ran more than ${INSTRUCTION_BUDGET} instructions: it seems to loop for ever` };
  }
  throw thrown;
}

function withFinalDot(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

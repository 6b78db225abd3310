import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { meteredModule } from '../simulator/lua/metered-module.ts';

let compiled: WebAssembly.Module | undefined;

/** The WebAssembly of Lua 5.1 that `wasmoon-lua5.1` ships, metered, compiled once a process. */
export function luaModule(): WebAssembly.Module {
  if (compiled === undefined) {
    const path = createRequire(import.meta.url).resolve('wasmoon-lua5.1/dist/liblua5.1.wasm');
    compiled = new WebAssembly.Module(meteredModule(readFileSync(path)));
  }
  return compiled;
}

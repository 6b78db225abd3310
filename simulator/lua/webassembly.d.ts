/** The part of WebAssembly's JavaScript interface that `wasm.ts` uses; TypeScript has it in its library of browsers only. */
declare namespace WebAssembly {
  type ImportValue = (...args: number[]) => number | undefined;
  class Module {
    constructor(bytes: Uint8Array);
    static imports(module: Module): { module: string; name: string; kind: string }[];
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, ImportValue>>);
    readonly exports: Record<string, unknown>;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  interface Global {
    value: number;
  }
  /** What a module's own instructions throw, `unreachable` among them. */
  class RuntimeError extends Error {}
  interface Table {
    readonly length: number;
    get(index: number): unknown;
    set(index: number, value: unknown): void;
    grow(count: number): number;
  }
}

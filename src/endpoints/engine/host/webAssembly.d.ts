/** The parts of WebAssembly that we use: the compiler has types for it only among those of browsers. */
declare namespace WebAssembly {
  /** Compiled code; only its identity is used. */
  interface Module {
    readonly [Symbol.toStringTag]: string;
  }
  const Module: new (bytes: Uint8Array) => Module;
  class Memory {
    readonly buffer: SharedArrayBuffer;
    /** In pages of 64 KiB. */
    constructor(size: { readonly initial: number; readonly maximum: number; readonly shared: true });
    /** Adds pages; returns the previous number. */
    grow(pages: number): number;
  }
  class Instance {
    readonly exports: unknown;
    constructor(module: Module, imports: Record<string, Record<string, unknown>>);
  }
}

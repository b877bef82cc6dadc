/** What is used of the runtime's WebAssembly, whose types come with those of browsers alone. */
interface Runtime {
  validate(code: Uint8Array): boolean;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

/** A module's memory. What views it is right until it grows. */
export interface ModuleMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A constant of a module. */
export interface ModuleConstant {
  readonly value: number;
}

/** Memory is given by pages. */
export const modulePage = 65_536;

/**
 * What `begin` makes of what the module with this code, in base64, exports; undefined where the runtime cannot run it, or has no
 * address space for its memory: that is as large as can be, however little of it is used.
 */
export function openModule<T>(code: string, begin: (exports: unknown) => T): T | undefined {
  const { WebAssembly: runtime } = globalThis as { readonly WebAssembly?: Runtime };
  const bytes = Buffer.from(code, 'base64');
  if (runtime === undefined || !runtime.validate(bytes)) return undefined;
  try {
    return begin(new runtime.Instance(new runtime.Module(bytes)).exports);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

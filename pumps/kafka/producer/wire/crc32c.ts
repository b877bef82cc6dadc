import { type ModuleConstant, type ModuleMemory, openModule } from '#pump';
import { crc32cCode } from './crc32c-code.ts';
import { plainCrc32c } from './plain-crc32c.ts';

/** What crc32c.as.ts exports. */
interface Exports {
  readonly memory: ModuleMemory;
  readonly inputAt: ModuleConstant;
  begin(): void;
  add(before: number, size: number): number;
}

/** Bytes lie in its memory so many at a time: what was just copied is still near. */
const pieceSize = 65_536;
/** Fewer are not worth the copy. */
const fewest = 1_024;

class Summer {
  readonly #exports: Exports;
  readonly #input: Uint8Array;

  constructor(exports: Exports) {
    this.#exports = exports;
    this.#input = new Uint8Array(exports.memory.buffer, exports.inputAt.value, pieceSize);
    exports.begin();
  }

  sumOf(bytes: Uint8Array, start: number): number {
    let sum = -1;
    for (let at = start; at < bytes.length; at += pieceSize) {
      const piece = bytes.subarray(at, at + pieceSize);
      this.#input.set(piece);
      sum = this.#exports.add(sum, piece.length);
    }
    return ~sum >>> 0;
  }
}

let shared: Summer | undefined;
let isOpened = false;

/** The one of this thread; undefined where the runtime cannot run it. */
function summer(): Summer | undefined {
  if (isOpened) return shared;
  isOpened = true;
  // What it exports, its source says.
  shared = openModule(crc32cCode, (exports) => new Summer(exports as Exports));
  return shared;
}

/** CRC-32C of bytes[start …], unsigned: what record batches are checked by. */
export function crc32c(bytes: Uint8Array, start = 0): number {
  const one = bytes.length - start < fewest ? undefined : summer();
  return one === undefined ? plainCrc32c(bytes, start) : one.sumOf(bytes, start);
}

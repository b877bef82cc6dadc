import {
  extensionLengthSizes,
  fixedExtensionSizes,
  floatSizes,
  integerSizes,
  nil,
  scalarSizes,
  textLengthSizes,
} from './codes.ts';
import { errorStruct, type Field, kinds, type Struct } from './layout.ts';

/** Deeper lists in the path of a GraphQL error are refused: reading them back is recursive. */
const maxDepth = 100;
/** A nil container, which is not the same as an empty one. */
const isNil = -1;
const failed = -2;

const truncated = 'the record is cut short';

/**
 * Checks one struct and notes where its leaves are. What passes here can be read later without another check, so
 * everything that a reader might stumble over is looked at, also where it is not kept. Bad bytes are expected input:
 * they end in a reason, not in an exception, and every step consumes a byte, so nothing lasts longer than the record.
 */
export class Scanner {
  #bytes: Buffer = Buffer.alloc(0);
  #slots: Int32Array = new Int32Array(0);
  #base = 0;
  #at = 0;
  #reason = '';

  /** Undefined when the struct is sound, else why not. */
  scan(
    struct: Struct,
    bytes: Buffer,
    slots: Int32Array,
    base: number,
    start = 0,
  ): string | undefined {
    this.#bytes = bytes;
    this.#slots = slots;
    this.#base = base;
    this.#at = start;
    return this.#struct(struct, true) ? undefined : this.#reason;
  }

  /** The offset after the last scanned struct. */
  get end(): number {
    return this.#at;
  }

  #struct(struct: Struct, keep: boolean): boolean {
    const bytes = this.#bytes;
    if (this.#at >= bytes.length) return this.#fail(truncated);
    const code = bytes[this.#at] as number;
    if (code === nil) return this.#clear(struct, keep);
    if ((code & 0xf0) === 0x80 || code === 0xde || code === 0xdf) return this.#map(struct, keep);
    const count = this.#arrayHeader();
    if (count === failed) return this.#fail('a struct is neither a map nor an array');
    const { fields } = struct;
    for (let index = 0; index < count; index++) {
      const field = fields[index];
      if (field === undefined) return this.#skip(count - index);
      if (!this.#field(field, keep)) return false;
    }
    return true;
  }

  #clear(struct: Struct, keep: boolean): boolean {
    this.#at++;
    if (keep) for (const slot of struct.slots) this.#slots[this.#base + slot] = 0;
    return true;
  }

  #map(struct: Struct, keep: boolean): boolean {
    const count = this.#mapHeader();
    if (count === failed) return false;
    const { fields } = struct;
    let expected = 0;
    for (let index = 0; index < count; index++) {
      const field = this.#matches(fields[expected]) ? fields[expected] : this.#find(fields);
      if (field === undefined) {
        if (!this.#text() || !this.#skip(1)) return false;
        continue;
      }
      expected = fields[expected] === field ? expected + 1 : fields.indexOf(field) + 1;
      if (!this.#field(field, keep)) return false;
    }
    return true;
  }

  /** Whether the key here is this field's, as the gateway writes it; steps over it if so. */
  #matches(field: Field | undefined): boolean {
    if (field === undefined) return false;
    const bytes = this.#bytes;
    const at = this.#at;
    const { needle } = field;
    const size = needle.length;
    if (at + size > bytes.length) return false;
    for (let index = 0; index < size; index++) {
      if (bytes[at + index] !== needle[index]) return false;
    }
    this.#at = at + size;
    return true;
  }

  /** The field of a key in any order and form; nothing is consumed for a key that no field has. */
  #find(fields: readonly Field[]): Field | undefined {
    const start = this.#at;
    const header = this.#textHeader();
    const from = this.#at;
    this.#at = start;
    if (header < 0) return undefined;
    for (const field of fields) {
      const { needle } = field;
      if (needle.length !== header + 1) continue;
      if (this.#bytes.compare(needle, 1, needle.length, from, from + header) !== 0) continue;
      this.#at = from + header;
      return field;
    }
    return undefined;
  }

  #field(field: Field, keep: boolean): boolean {
    const { kind, slot } = field;
    const start = this.#at;
    if (kind === kinds.struct)
      return field.struct !== undefined && this.#struct(field.struct, keep);
    if (!this.#value(kind)) return false;
    // A nil for a list of texts leaves what an earlier equal key gave; all others are replaced.
    if (keep && slot >= 0 && (kind !== kinds.textList || this.#bytes[start] !== nil))
      this.#slots[this.#base + slot] = start;
    return true;
  }

  #value(kind: Exclude<Field['kind'], typeof kinds.struct>): boolean {
    switch (kind) {
      case kinds.text:
        return this.#text();
      case kinds.integer:
        return this.#sized(integerSizes, 'a number is expected and something else is there');
      case kinds.float:
        return this.#sized(floatSizes, 'a number is expected and something else is there');
      case kinds.flag:
        return this.#flag();
      case kinds.time:
        return this.#time();
      case kinds.textList:
        return this.#textList();
      case kinds.textMap:
        return this.#entries(() => this.#text());
      case kinds.textListMap:
        return this.#entries(() => this.#textList());
      case kinds.errors:
        return this.#list(() => this.#struct(errorStruct, false));
      case kinds.anyList:
        return this.#list(() => this.#any(0));
    }
    return kind satisfies never;
  }

  #text(): boolean {
    const size = this.#textHeader();
    if (size === failed) return false;
    if (size > 0) this.#at += size;
    return true;
  }

  /** Steps over a text's header and gives its size; the text itself is within the record. */
  #textHeader(): number {
    const bytes = this.#bytes;
    const at = this.#at;
    const code = bytes[at];
    if (code === undefined) return this.#failed(truncated);
    if ((code & 0xe0) === 0xa0) return this.#texted(at + 1, code & 0x1f);
    if (code === nil) return this.#texted(at + 1, 0);
    const width = textLengthSizes[code] as number;
    if (width === 0) return this.#failed('a text is expected and something else is there');
    const from = at + 1 + width;
    if (from > bytes.length) return this.#failed(truncated);
    return this.#texted(from, bytes.readUIntBE(at + 1, width));
  }

  #texted(from: number, size: number): number {
    if (from + size > this.#bytes.length) return this.#failed(truncated);
    this.#at = from;
    return size;
  }

  #sized(sizes: Uint8Array, reason: string): boolean {
    const at = this.#at;
    if (at >= this.#bytes.length) return this.#fail(truncated);
    const size = sizes[this.#bytes[at] as number] as number;
    if (size === 0) return this.#fail(reason);
    if (at + size > this.#bytes.length) return this.#fail(truncated);
    this.#at = at + size;
    return true;
  }

  #flag(): boolean {
    const code = this.#bytes[this.#at];
    if (code !== 0xc2 && code !== 0xc3)
      return this.#fail(code === undefined ? truncated : 'a flag is neither true nor false');
    this.#at++;
    return true;
  }

  #time(): boolean {
    const code = this.#bytes[this.#at];
    if (code !== 0x92)
      return this.#fail(code === undefined ? truncated : 'a time is no list of two numbers');
    this.#at++;
    const reason = 'a time is no list of two numbers';
    return this.#sized(integerSizes, reason) && this.#sized(integerSizes, reason);
  }

  #textList(): boolean {
    const count = this.#arrayHeader();
    for (let index = 0; index < count; index++) if (!this.#text()) return false;
    return count !== failed;
  }

  #list(item: () => boolean): boolean {
    const count = this.#arrayHeader();
    for (let index = 0; index < count; index++) if (!item()) return false;
    return count !== failed;
  }

  #entries(value: () => boolean): boolean {
    // The reference's library steps over one extension header before a map.
    const code = this.#bytes[this.#at] ?? 0;
    if (isExtension(code)) {
      this.#at += 2 + (extensionLengthSizes[code] as number);
    }
    const count = this.#bytes[this.#at] === nil ? this.#nil() : this.#mapHeader();
    for (let index = 0; index < count; index++) if (!this.#text() || !value()) return false;
    return count !== failed;
  }

  #nil(): number {
    this.#at++;
    return isNil;
  }

  /** A value of any type, as the path of a GraphQL error holds them. */
  #any(depth: number): boolean {
    const code = this.#bytes[this.#at];
    if (code === undefined) return this.#fail(truncated);
    if (depth > maxDepth) return this.#fail('a path is nested too deeply');
    if ((scalarSizes[code] as number) > 0) return this.#sized(scalarSizes, truncated);
    if ((code & 0xe0) === 0xa0 || (textLengthSizes[code] as number) > 0) return this.#text();
    if ((code & 0xf0) === 0x90 || code === 0xdc || code === 0xdd)
      return this.#list(() => this.#any(depth + 1));
    if ((code & 0xf0) !== 0x80 && code !== 0xde && code !== 0xdf)
      return this.#fail('a path holds a value of no known type');
    const count = this.#mapHeader();
    for (let index = 0; index < count; index++) {
      if (!this.#mapKey() || !this.#any(depth + 1)) return false;
    }
    return count !== failed;
  }

  /** Only what Go can use as a key: no list, no map, no binary. */
  #mapKey(): boolean {
    const code = this.#bytes[this.#at];
    if (code === undefined) return this.#fail(truncated);
    if ((scalarSizes[code] as number) > 0) return this.#sized(scalarSizes, truncated);
    if ((code & 0xe0) === 0xa0 || (code >= 0xd9 && code <= 0xdb)) return this.#text();
    return this.#fail('a map in a path has a key that is no scalar');
  }

  /** Steps over `count` values of any type. A counter instead of recursion: nesting costs nothing. */
  #skip(count: number): boolean {
    const bytes = this.#bytes;
    for (let pending = count; pending > 0; pending--) {
      const code = bytes[this.#at];
      if (code === undefined) return this.#fail(truncated);
      if ((scalarSizes[code] as number) > 0) {
        if (!this.#sized(scalarSizes, truncated)) return false;
      } else if ((code & 0xe0) === 0xa0 || (textLengthSizes[code] as number) > 0) {
        if (!this.#text()) return false;
      } else if (isExtension(code)) {
        if (!this.#extension(code)) return false;
      } else {
        const items = this.#containerItems(code);
        if (items === failed) return false;
        pending += items;
      }
    }
    return true;
  }

  #containerItems(code: number): number {
    if ((code & 0xf0) === 0x90 || code === 0xdc || code === 0xdd) return this.#arrayHeader();
    const count = this.#mapHeader();
    return count === failed ? failed : count * 2;
  }

  #extension(code: number): boolean {
    const width = extensionLengthSizes[code] as number;
    const from = this.#at + 1 + width;
    if (from > this.#bytes.length) return this.#fail(truncated);
    const size =
      width === 0
        ? (fixedExtensionSizes[code] as number)
        : this.#bytes.readUIntBE(this.#at + 1, width) + 1;
    if (from + size > this.#bytes.length) return this.#fail(truncated);
    this.#at = from + size;
    return true;
  }

  #arrayHeader(): number {
    const code = this.#bytes[this.#at];
    if (code === undefined) return this.#failed(truncated);
    if ((code & 0xf0) === 0x90) return this.#counted(0, code & 0x0f);
    if (code === nil) return this.#counted(0, isNil);
    if (code === 0xdc) return this.#counted(2);
    if (code === 0xdd) return this.#counted(4);
    return this.#failed('a list is expected and something else is there');
  }

  #mapHeader(): number {
    const code = this.#bytes[this.#at];
    if (code === undefined) return this.#failed(truncated);
    if ((code & 0xf0) === 0x80) return this.#counted(0, code & 0x0f);
    if (code === 0xde) return this.#counted(2);
    if (code === 0xdf) return this.#counted(4);
    return this.#failed('a map is expected and something else is there');
  }

  #counted(width: number, count = 0): number {
    const from = this.#at + 1;
    if (from + width > this.#bytes.length) return this.#failed(truncated);
    this.#at = from + width;
    return width === 0 ? count : this.#bytes.readUIntBE(from, width);
  }

  #failed(reason: string): number {
    this.#reason = reason;
    return failed;
  }

  #fail(reason: string): boolean {
    this.#reason = reason;
    return false;
  }
}

const isExtension = (code: number): boolean =>
  (code >= 0xd4 && code <= 0xd8) || (code >= 0xc7 && code <= 0xc9);

import { isValidUtf8 } from '../utf8.ts';
import { type Message, recordMessage, wireTypes } from './layout.ts';

/** What can be told of a field whose type is not known: a number, a text, or bytes; each time it came; those of a message. */
type Unknown = number | bigint | string | Uint8Array | readonly Unknown[] | Fields;
type Fields = ReadonlyMap<string, Unknown>;

/** The fields of a record that are not known, by their numbers: `#36`, in a message `#33` → `#5`. The record has been scanned. */
export const unknownInMessage = (bytes: Buffer): Fields =>
  new Walk(bytes).message(recordMessage, bytes.length);

class Walk {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  message(message: Message, end: number): Fields {
    const found = new Map<string, Unknown>();
    const several = new Map<string, Unknown[]>();
    while (this.#at < end) {
      const tag = Number(this.#varint());
      const number = Math.floor(tag / 8);
      const wireType = tag & 7;
      const key = `#${number}`;
      const field = message[number];
      if (field === undefined || field.wireType !== wireType) {
        const values = several.get(key) ?? [];
        values.push(this.#value(wireType));
        several.set(key, values);
        found.set(key, values.length === 1 ? (values[0] as Unknown) : values);
      } else if (field.message === undefined) this.#value(wireType);
      else {
        const size = Number(this.#varint());
        const inner = this.message(field.message, this.#at + size);
        if (inner.size > 0) found.set(key, inner);
      }
    }
    return found;
  }

  #value(wireType: number): Unknown {
    const start = this.#at;
    switch (wireType) {
      case wireTypes.varint: {
        const value = this.#varint();
        return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
      }
      case wireTypes.fixed64:
        this.#at += 8;
        break;
      case wireTypes.fixed32:
        this.#at += 4;
        break;
      case wireTypes.bytes: {
        const size = Number(this.#varint());
        const from = this.#at;
        this.#at += size;
        const isText = isValidUtf8(this.#bytes, from, this.#at);
        const text = isText ? this.#bytes.toString('utf8', from, this.#at) : '';
        // A message is bytes, too, and mostly begins with one that no text has.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these tell
        if (isText && !/[\u0000-\u0008\u000e-\u001f]/.test(text)) return text;
        return this.#bytes.subarray(from, this.#at);
      }
      default:
        this.#group();
    }
    return this.#bytes.subarray(start, this.#at);
  }

  /** Steps over a group up to its end, whatever is in it. */
  #group(): void {
    for (let open = 1; open > 0; ) {
      const wireType = Number(this.#varint()) & 7;
      if (wireType === wireTypes.startGroup) open++;
      else if (wireType === wireTypes.endGroup) open--;
      else this.#value(wireType);
    }
  }

  #varint(): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.#bytes[this.#at++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
      shift += 7n;
    }
  }
}

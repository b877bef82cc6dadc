import type { Region } from '../chunk.ts';
import { slotOf } from '../slots.ts';
import { beginRecord, meetNumber } from '../unknown-fields.ts';
import { isAscii, isValidUtf8 } from '../utf8.ts';
import { type Field, kinds, type Message, ownSlots, recordMessage, wireTypes } from './layout.ts';

const maxFieldNumber = 0x1fff_ffff;
/** Groups within groups that the reference's library follows. */
const maxGroups = 10_000;

/** From this size on native code is faster than a look at every word. */
const longText = 512;

const truncated = 'the record is cut short';

/**
 * Checks a record and notes where its leaves are; of a field that comes twice the last counts, of a message that
 * comes twice the fields are merged, as the format demands. What passes here can be read later without another check.
 */
export class Scanner {
  /** The region, and so are all offsets here but those in the slots. */
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Where the record begins. */
  #origin = 0;
  #slots: Int32Array = new Int32Array(0);
  #base = 0;
  #at = 0;
  #reason = '';
  /** The numbers of the messages that are gone through. */
  readonly #path: number[] = [];

  /** Undefined when the message is sound, else why not. */
  scan(
    { region, view }: Region,
    origin: number,
    size: number,
    slots: Int32Array,
    base: number,
  ): string | undefined {
    this.#bytes = region;
    this.#view = view;
    this.#origin = origin;
    this.#slots = slots;
    this.#base = base;
    this.#at = origin;
    this.#path.length = 0;
    beginRecord();
    return this.#message(recordMessage, origin + size) ? undefined : this.#reason;
  }

  #message(message: Message, end: number): boolean {
    while (this.#at < end) {
      const tag = this.#tag(end);
      if (tag < 0) return false;
      const field = message[tag >>> 3];
      const known = field !== undefined && field.wireType === (tag & 7);
      if (!known) meetNumber([...this.#path, tag >>> 3]);
      if (!(known ? this.#field(field, tag >>> 3, end) : this.#skip(tag, end))) return false;
    }
    return true;
  }

  #field(field: Field, number: number, end: number): boolean {
    const start = this.#at;
    switch (field.kind) {
      case kinds.varint:
        return this.#varint(end) && this.#keep(field.slot, start);
      case kinds.double:
        return this.#fixed(8, end) && this.#keep(field.slot, start);
      case kinds.text:
        return this.#text(end) && this.#keep(field.slot, start);
      case kinds.texts:
        if (field.slot === slotOf.tags) this.#countTag();
        return this.#text(end) && this.#keepFirst(field.slot, start);
      case kinds.message:
        return this.#nested(field.message ?? [], number, end) && this.#keepFirst(field.slot, start);
    }
    return field.kind satisfies never;
  }

  #nested(message: Message, number: number, end: number): boolean {
    const size = this.#length(end);
    if (size < 0) return false;
    this.#path.push(number);
    const isSound = this.#message(message, this.#at + size);
    this.#path.pop();
    return isSound;
  }

  #text(end: number): boolean {
    const size = this.#length(end);
    if (size < 0) return false;
    const from = this.#at;
    this.#at = from + size;
    return (
      (size < longText && isAscii(this.#view, from, size)) ||
      isValidUtf8(this.#bytes, from, this.#at) ||
      this.#fail('a text is no valid UTF-8')
    );
  }

  #keep(slot: number, at: number): boolean {
    if (slot >= 0) this.#slots[this.#base + slot] = at - this.#origin;
    return true;
  }

  #keepFirst(slot: number, at: number): boolean {
    const place = this.#base + slot;
    if (slot >= 0 && this.#slots[place] === 0) this.#slots[place] = at - this.#origin;
    return true;
  }

  #countTag(): void {
    const at = this.#base + ownSlots.tagCount;
    this.#slots[at] = (this.#slots[at] as number) + 1;
  }

  /** Field number and wire type as one number; −1 when they are none. */
  #tag(end: number): number {
    const first = this.#bytes[this.#at] as number;
    if (first < 0x80) {
      this.#at++;
      return first >= 8 ? first : this.#failed('a field has the number 0');
    }
    const start = this.#at;
    if (!this.#varint(end)) return -1;
    let tag = 0;
    for (let at = this.#at - 1; at >= start; at--) {
      tag = tag * 0x80 + ((this.#bytes[at] as number) & 0x7f);
    }
    const number = Math.floor(tag / 8);
    if (number < 1 || number > maxFieldNumber) return this.#failed('a field has no valid number');
    return tag;
  }

  #length(end: number): number {
    const first = this.#bytes[this.#at];
    let size = 0;
    if (first !== undefined && first < 0x80 && this.#at < end) {
      this.#at++;
      size = first;
    } else {
      const start = this.#at;
      if (!this.#varint(end)) return -1;
      for (let at = this.#at - 1; at >= start; at--) {
        size = size * 0x80 + ((this.#bytes[at] as number) & 0x7f);
      }
    }
    return size <= end - this.#at ? size : this.#failed(truncated);
  }

  #varint(end: number): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80 && at - start < 9) continue;
      if (at - start === 9 && byte > 1) return this.#fail('a number has more than 64 bits');
      this.#at = at + 1;
      return true;
    }
    return this.#fail(truncated);
  }

  #fixed(size: number, end: number): boolean {
    if (this.#at + size > end) return this.#fail(truncated);
    this.#at += size;
    return true;
  }

  #skip(tag: number, end: number): boolean {
    if ((tag & 7) === wireTypes.startGroup) return this.#group(tag >>> 3, end);
    return this.#skipValue(tag & 7, end);
  }

  #skipValue(wireType: number, end: number): boolean {
    switch (wireType) {
      case wireTypes.varint:
        return this.#varint(end);
      case wireTypes.fixed64:
        return this.#fixed(8, end);
      case wireTypes.fixed32:
        return this.#fixed(4, end);
      case wireTypes.bytes: {
        const size = this.#length(end);
        return size >= 0 && this.#fixed(size, end);
      }
      default:
        return this.#fail('a field has no valid type');
    }
  }

  /** Steps over a group, whose end is a tag of the same number. A list of open ones instead of recursion. */
  #group(number: number, end: number): boolean {
    const open = [number];
    while (open.length > 0) {
      if (this.#at >= end) return this.#fail(truncated);
      const tag = this.#tag(end);
      if (tag < 0) return false;
      const wireType = tag & 7;
      if (wireType === wireTypes.startGroup) {
        if (open.push(tag >>> 3) > maxGroups) return this.#fail('groups are nested too deeply');
      } else if (wireType === wireTypes.endGroup) {
        if (open.pop() !== tag >>> 3) return this.#fail('a group ends that was not begun');
      } else if (!this.#skipValue(wireType, end)) return false;
    }
    return true;
  }

  #failed(reason: string): -1 {
    this.#reason = reason;
    return -1;
  }

  #fail(reason: string): boolean {
    this.#reason = reason;
    return false;
  }
}

import type { Region } from '../chunk.ts';
import { slotOf } from '../slots.ts';
import { isAscii, isValidUtf8 } from '../utf8.ts';
import { kinds, type Message, ownSlots, recordMessage } from './layout.ts';

/**
 * The scanner for records as gateways write them: fields that are known, and lengths of three bytes at most.
 * Whatever is different it leaves to the general scanner (scan.ts), which alone decides what is no record; so a check that
 * would need care here may give up instead.
 *
 * Offsets in this file are those of the region, and not of the record.
 */
interface Scan {
  region: Buffer;
  view: DataView;
  /** Of the record. */
  origin: number;
  slots: Int32Array;
  base: number;
}

/** One object for all: scans run one after the other, and to their end. */
const scan: Scan = {
  region: Buffer.alloc(0),
  view: new DataView(new ArrayBuffer(0)),
  origin: 0,
  slots: new Int32Array(0),
  base: 0,
};

/** Instead of an offset. */
const unusual = -1;

/** From this size on native code is faster than a look at every word. */
const longText = 512;

/**
 * Checks a record and notes where its leaves are. False when it is no record or not of the usual form; some of its
 * slots may have been written then.
 */
export function scanUsual(
  { region, view }: Region,
  origin: number,
  size: number,
  slots: Int32Array,
  base: number,
): boolean {
  // Most records lie in the region of the one before.
  if (scan.view !== view) {
    scan.region = region;
    scan.view = view;
  }
  scan.origin = origin;
  if (scan.slots !== slots) scan.slots = slots;
  scan.base = base;
  return afterMessage(recordTable, origin, origin + size) >= 0;
}

/** A message as numbers side by side: the loop below looks nowhere else. */
interface Table {
  /** By tag, which is the number of a field and its wire type: the slot and the kind; 0 where there is no such field. */
  readonly rows: Int32Array;
  /** By the number of a field that is a message itself. */
  readonly messages: readonly (Table | undefined)[];
}

function tableOf(message: Message): Table {
  const rows = new Int32Array(8 * message.length);
  message.forEach((field, number) => {
    if (field !== undefined)
      rows[8 * number + field.wireType] = (field.slot << 8) | (field.kind + 1);
  });
  return {
    rows,
    messages: message.map((field) => field?.message && tableOf(field.message)),
  };
}

const recordTable = tableOf(recordMessage);

/** Steps over the fields of a message up to its end; gives that, or `unusual`. */
function afterMessage({ rows, messages }: Table, start: number, end: number): number {
  const { view, slots, base, origin } = scan;
  for (let at = start; at < end; ) {
    let tag = view.getUint8(at++);
    if (tag >= 0x80) {
      if (at >= end) return unusual;
      const high = view.getUint8(at++);
      if (high >= 0x80) return unusual;
      tag = (tag & 0x7f) | (high << 7);
    }
    const row = tag < rows.length ? (rows[tag] as number) : 0;
    if (row === 0 || at >= end) return unusual;
    const kind = (row & 0xff) - 1;
    const slot = row >> 8;
    const place = at - origin;

    if (kind === kinds.varint) {
      if (slot >= 0) slots[base + slot] = place;
      at = view.getUint8(at) < 0x80 ? at + 1 : afterLong(view, at, end);
      if (at < 0) return unusual;
      continue;
    }
    if (kind === kinds.double) {
      at += 8;
      if (at > end) return unusual;
      if (slot >= 0) slots[base + slot] = place;
      continue;
    }

    let size = view.getUint8(at++);
    if (size >= 0x80) {
      if (at + 2 > end) return unusual;
      const high = view.getUint8(at++);
      size = (size & 0x7f) | ((high & 0x7f) << 7);
      if (high >= 0x80) {
        const highest = view.getUint8(at++);
        if (highest >= 0x80) return unusual;
        size |= highest << 14;
      }
    }
    const next = at + size;
    if (next > end) return unusual;
    if (kind === kinds.message) {
      if (afterMessage(messages[tag >> 3] as Table, at, next) < 0) return unusual;
    } else if (!isText(view, at, size)) return unusual;
    // Of a list, and of a message that comes in parts, the first counts.
    if (slot >= 0 && (kind === kinds.text || slots[base + slot] === 0)) slots[base + slot] = place;
    if (slot === slotOf.tags) countTag();
    at = next;
  }
  return end;
}

/** A number of two bytes and more: ten at most, of which the last has one bit of 64. */
function afterLong(view: DataView, start: number, end: number): number {
  const last = Math.min(start + 9, end - 1);
  for (let at = start + 1; at <= last; at++) {
    const byte = view.getUint8(at);
    if (byte < 0x80) return at === start + 9 && byte > 1 ? unusual : at + 1;
  }
  return unusual;
}

function isText(view: DataView, at: number, size: number): boolean {
  if (size < longText && isAscii(view, at, size)) return true;
  return isValidUtf8(scan.region, at, at + size);
}

function countTag(): void {
  const { slots, base } = scan;
  const at = base + ownSlots.tagCount;
  slots[at] = (slots[at] as number) + 1;
}

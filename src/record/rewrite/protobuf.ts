import { ByteWriter } from '../../lib/byte-writer.ts';
import type { FieldTree } from '../field-tree.ts';
import type { Field, ListField } from '../fields.ts';
import {
  fieldTree,
  graphNumber,
  nanosSlotOf,
  ownSlots,
  ownTree,
  wireTypes,
  zoneNumber,
} from '../protobuf/layout.ts';
import { afterVarint, locateText } from '../protobuf/read.ts';
import type { ProtobufRecord } from '../protobuf/record.ts';
import { writeBytes, writeTag, writeVarint } from '../protobuf/write-value.ts';
import { createSpan } from '../span.ts';
import type { Draft } from './draft.ts';

interface Writing {
  readonly record: ProtobufRecord;
  readonly draft: Draft;
}

const span = createSpan();

/**
 * Writes the record anew with what the draft says: its fields by their numbers, each from where the scan found it, and
 * nothing else. What comes twice comes once, with the value that counts, and unknown fields are gone, so that nothing is left
 * of what was replaced.
 */
export function rewriteProtobuf(record: ProtobufRecord, draft: Draft, out: ByteWriter): void {
  const writing = { record, draft };
  writeNodes(fieldTree, writing, out);
  const zone = placeOf(record, ownSlots.zone);
  if (zone !== 0) copyText(record, zone, zoneNumber, out);
  writeNodes(ownTree, writing, out);
}

/** A message of its own for each object around fields: there are three levels at most. */
function writeNodes(tree: FieldTree<Field>, writing: Writing, out: ByteWriter): void {
  for (const { key, leaf, nodes } of tree) {
    const number = Number(key);
    if (leaf !== undefined) {
      writeLeaf(leaf, number, writing, out);
      continue;
    }
    const inner = new ByteWriter(256);
    writeNodes(nodes, writing, inner);
    // Whether a record is of GraphQL is told by the message alone.
    const isToldByItself = number === graphNumber && placeOf(writing.record, ownSlots.graph) !== 0;
    if (inner.length > 0 || isToldByItself) writeBytes(out, number, inner.view());
  }
}

function writeLeaf(field: Field, number: number, writing: Writing, out: ByteWriter): void {
  const { record, draft } = writing;
  const place = placeOf(record, field.slot);
  switch (field.kind) {
    case 'text': {
      const set = draft.textSet(field.name);
      if (set === undefined) {
        if (place !== 0) copyText(record, place, number, out);
      } else if (set.length > 0) writeBytes(out, number, set);
      return;
    }
    case 'int32':
    case 'int64':
    case 'flag': {
      const set = field.kind === 'flag' ? undefined : draft.numberSet(field.name);
      if (set === undefined) copyVarint(record, place, number, out);
      else {
        writeTag(out, number, wireTypes.varint);
        writeVarint(out, BigInt.asUintN(64, BigInt(set)));
      }
      return;
    }
    case 'float':
      writeFloat(draft.numberSet(field.name), place, { record, number, out });
      return;
    case 'time': {
      const inner = new ByteWriter(16);
      copyVarint(record, place, 1, inner);
      copyVarint(record, placeOf(record, nanosSlotOf[field.name]), 2, inner);
      if (inner.length > 0) writeBytes(out, number, inner.view());
      return;
    }
    case 'list':
      writeList(field.name, field.slot, { number, writing, out });
      return;
    case 'names':
      // The reference drops them.
      return;
    case 'types':
      writeTypes(record, number, out);
      return;
    case 'errors':
      for (const { message } of draft.errorsSet ?? record.graphErrors() ?? [])
        writeBytes(out, number, Buffer.from(message));
      return;
  }
  field satisfies never;
}

function writeFloat(
  set: number | undefined,
  place: number,
  {
    record,
    number,
    out,
  }: { readonly record: ProtobufRecord; readonly number: number; readonly out: ByteWriter },
): void {
  if (set === undefined && place === 0) return;
  writeTag(out, number, wireTypes.fixed64);
  if (set === undefined) {
    out.bytes(record.region, place, place + 8);
    return;
  }
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(set);
  out.bytes(bytes);
}

function writeList(
  name: ListField,
  slot: number,
  {
    number,
    writing,
    out,
  }: { readonly number: number; readonly writing: Writing; readonly out: ByteWriter },
): void {
  const set = writing.draft.listSet(name);
  if (set !== undefined) {
    for (const text of set) writeBytes(out, number, text);
    return;
  }
  const found = writing.record.spans(slot);
  if (found === undefined) return;
  const { source, count, bounds } = found;
  for (let index = 0; index < count; index++)
    writeBytes(out, number, source, bounds[2 * index], bounds[2 * index + 1]);
}

function writeTypes(record: ProtobufRecord, number: number, out: ByteWriter): void {
  for (const [name, fields] of record.graphTypes() ?? []) {
    const texts = new ByteWriter(128);
    for (const field of fields ?? []) writeBytes(texts, 1, Buffer.from(field));
    const entry = new ByteWriter(256);
    writeBytes(entry, 1, Buffer.from(name));
    writeBytes(entry, 2, texts.view());
    writeBytes(out, number, entry.view());
  }
}

function copyText(record: ProtobufRecord, place: number, number: number, out: ByteWriter): void {
  locateText(record.region, place, span);
  writeBytes(out, number, span.source, span.start, span.end);
}

function copyVarint(record: ProtobufRecord, place: number, number: number, out: ByteWriter): void {
  if (place === 0) return;
  writeTag(out, number, wireTypes.varint);
  out.bytes(record.region, place, afterVarint(record.region, place));
}

/** Of the value within the region; 0 where it is missing. */
function placeOf({ slots, base, origin }: ProtobufRecord, slot: number): number {
  const at = slots[base + slot] as number;
  return at === 0 ? 0 : origin + at;
}

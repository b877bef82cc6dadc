import type { ByteWriter } from '../../lib/byte-writer.ts';
import { ContractError } from '../../lib/errors.ts';
import type { FieldTree } from '../field-tree.ts';
import type { Field } from '../fields.ts';
import { mapStart, skipValues } from '../msgpack/check.ts';
import { fieldTree, ownTree } from '../msgpack/layout.ts';
import type { MsgpackRecord } from '../msgpack/record.ts';
import { any, float, integer, list, map, struct, text } from '../msgpack/write-value.ts';
import type { GraphError } from '../record.ts';
import type { Draft } from './draft.ts';

interface Node {
  /** As it is written. */
  readonly key: Buffer;
  /** Of an object: its own nodes. */
  readonly inner: readonly Node[];
  readonly field: Field | undefined;
}

const nodesOf = (tree: FieldTree<Field>): readonly Node[] =>
  tree.map(({ key, leaf, nodes }) => ({
    // No key has more than 31 bytes.
    key: Buffer.concat([Buffer.of(0xa0 | key.length), Buffer.from(key, 'latin1')]),
    inner: leaf === undefined ? nodesOf(nodes) : [],
    field: leaf,
  }));

const recordNodes = nodesOf([...fieldTree, ...ownTree]);

/**
 * Writes the record anew with what the draft says: its fields in the order of declaration, each from where the scan found
 * it, and nothing else. A key that comes twice comes once, with the value that counts, and one that no field has is gone,
 * so that nothing is left of what was replaced.
 */
export function rewriteMsgpack(record: MsgpackRecord, draft: Draft, out: ByteWriter): void {
  const writing = { record, draft, copyFrom: 0, copyTo: 0 };
  writeNodes(recordNodes, writing, out);
}

interface Writing {
  readonly record: MsgpackRecord;
  readonly draft: Draft;
  /** Keys with their values, side by side in the original, that are still to be copied. */
  copyFrom: number;
  copyTo: number;
}

/** A map whose number of keys is written when it is known. */
function writeNodes(nodes: readonly Node[], writing: Writing, out: ByteWriter): void {
  const isLong = nodes.length > 15;
  const countAt = out.length;
  out.bytes(isLong ? longMap : shortMap);
  let count = 0;
  for (const { key, inner, field } of nodes) {
    if (field !== undefined && !writing.draft.has(field.slot)) {
      if (copyField(key, field, writing, out)) count += 1;
      continue;
    }
    flush(writing, out);
    const keyAt = out.length;
    out.bytes(key);
    const isWritten =
      field === undefined ? writeObject(inner, writing, out) : writeSet(field, writing.draft, out);
    if (isWritten) count += 1;
    else out.truncate(keyAt);
  }
  flush(writing, out);
  if (isLong) out.buffer.writeUInt16BE(count, countAt + 1);
  else out.buffer[countAt] = 0x80 | count;
}

const [shortMap, longMap] = [Buffer.of(0x80), Buffer.of(0xde, 0, 0)];

/** False: nothing is in it. */
function writeObject(nodes: readonly Node[], writing: Writing, out: ByteWriter): boolean {
  const start = out.length;
  writeNodes(nodes, writing, out);
  return out.length > start + 1;
}

/** What the draft has for the field; false where it has nothing. */
function writeSet(field: Field, draft: Draft, out: ByteWriter): boolean {
  switch (field.kind) {
    case 'text':
      return written(draft.textSet(field.name), text, out);
    case 'list':
      return written(draft.listSet(field.name), (texts) => list(texts, text), out);
    case 'int32':
    case 'int64':
      return written(draft.numberSet(field.name), integer, out);
    case 'float':
      return written(draft.numberSet(field.name), float, out);
    case 'names':
      return written(draft.namesSet, (names) => map(Object.fromEntries(names), text), out);
    case 'errors':
      return written(draft.errorsSet, (errors) => list(errors, errorOf), out);
    default:
      return false;
  }
}

function written<T>(
  value: T | undefined,
  writeOf: (value: T) => (out: ByteWriter) => void,
  out: ByteWriter,
): boolean {
  if (value === undefined) return false;
  writeOf(value)(out);
  return true;
}

const errorOf = ({ message, path }: GraphError) =>
  struct({ Message: text(message), Path: list(path, any) });

/** As it stands: the scan has checked it. False: the record has none. */
function copyField(key: Buffer, field: Field, writing: Writing, out: ByteWriter): boolean {
  const { region, origin, slots, base } = writing.record;
  const offset = slots[base + field.slot] as number;
  if (offset === 0) return false;
  const isMap = field.kind === 'names' || field.kind === 'types';
  const start = isMap ? mapStart(region, origin + offset) : origin + offset;
  const end = skipValues(region, start, 1);
  if (end < 0) throw new ContractError('a value that was scanned can be stepped over');
  if (isKeyBefore(key, region, start)) {
    if (start - key.length !== writing.copyTo) {
      flush(writing, out);
      writing.copyFrom = start - key.length;
    }
    writing.copyTo = end;
    return true;
  }
  flush(writing, out);
  out.bytes(key);
  out.bytes(region, start, end);
  return true;
}

/** Not in a record without keys, nor where the key is written in another way. */
function isKeyBefore(key: Buffer, region: Buffer, start: number): boolean {
  const from = start - key.length;
  if (from < 0) return false;
  for (let index = 0; index < key.length; index++)
    if (region[from + index] !== key[index]) return false;
  return true;
}

function flush(writing: Writing, out: ByteWriter): void {
  if (writing.copyTo > writing.copyFrom)
    out.bytes(writing.record.region, writing.copyFrom, writing.copyTo);
  writing.copyFrom = 0;
  writing.copyTo = 0;
}

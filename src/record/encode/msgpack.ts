import { ByteWriter } from '../../lib/byte-writer.ts';
import type { FieldTree } from '../field-tree.ts';
import type { Field } from '../fields.ts';
import { fieldTree } from '../msgpack/layout.ts';
import {
  any,
  float,
  header,
  list,
  map,
  putInteger,
  putText,
  struct,
  text,
  type Write,
} from '../msgpack/write-value.ts';
import { zeroTime } from '../time/zero-time.ts';
import { type GraphErrorValue, type RecordFields, valueIn } from './record-fields.ts';

/** A record byte for byte as the gateway writes it (tyk-pump.md, "MessagePack"): every field, in declaration order. */
export function encodeMsgpack(fields: RecordFields): Buffer {
  const out = shared;
  out.clear();
  writeMsgpack(out, fields);
  if (out.buffer.length > mostKept) shared = new ByteWriter();
  return Buffer.from(out.view());
}

/** Memory for one record after the other; what is given away is a copy of the right size. */
let shared = new ByteWriter();
const mostKept = 1024 * 1024;

/** What stands before a value: keys, and the beginnings of objects. It is the same in every record. */
interface Step {
  readonly lead: Buffer;
  readonly field: Field;
}

const { steps, tail } = compile();

function writeMsgpack(out: ByteWriter, fields: RecordFields): void {
  for (const { lead, field } of steps) {
    out.bytes(lead);
    putValue(out, field, fields);
  }
  out.bytes(tail);
}

function compile(): { readonly steps: readonly Step[]; readonly tail: Buffer } {
  const out = new ByteWriter(1_024);
  const steps: Step[] = [];
  const walk = (tree: FieldTree<Field>): void => {
    for (const { key, leaf, nodes } of tree) {
      putText(out, key);
      if (leaf === undefined) {
        begin(out, nodes.length);
        walk(nodes);
      } else steps.push({ lead: out.take(), field: leaf });
    }
  };
  begin(out, fieldTree.length + 1);
  walk(fieldTree);
  putText(out, 'CollectionName');
  putText(out, '');
  return { steps, tail: out.take() };
}

function begin(out: ByteWriter, members: number): void {
  header(out, { fixed: 0x80, fixedLimit: 16, wide: 0xde }, members);
}

function putValue(out: ByteWriter, field: Field, fields: RecordFields): void {
  switch (field.kind) {
    case 'text':
      putText(out, valueIn(fields, field) ?? '');
      return;
    case 'int32':
    case 'int64':
      putInteger(out, valueIn(fields, field) ?? 0);
      return;
    case 'float':
      float(valueIn(fields, field))(out);
      return;
    case 'flag':
      out.byte(valueIn(fields, field) === true ? 0xc3 : 0xc2);
      return;
    case 'time': {
      const { seconds, nanos = 0 } = valueIn(fields, field) ?? zeroTime;
      out.byte(0x92);
      putInteger(out, seconds);
      putInteger(out, nanos);
      return;
    }
    case 'list':
      list(valueIn(fields, field), text)(out);
      return;
    case 'names':
      map(valueIn(fields, field), text)(out);
      return;
    case 'types':
      map(valueIn(fields, field), (texts) => list(texts, text))(out);
      return;
    case 'errors':
      list(valueIn(fields, field), errorStruct)(out);
      return;
  }
  return field satisfies never;
}

const errorStruct = ({ message, path }: GraphErrorValue): Write =>
  struct({ Message: text(message), Path: list(path, any) });

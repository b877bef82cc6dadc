import { ByteWriter } from '../../lib/byte-writer.ts';
import type { FieldTree } from '../field-tree.ts';
import type { Field } from '../fields.ts';
import { fieldTree } from '../msgpack/layout.ts';
import {
  any,
  flag,
  float,
  integer,
  list,
  map,
  struct,
  text,
  time,
  type Write,
} from '../msgpack/write-value.ts';
import { type GraphErrorValue, type RecordFields, valueIn } from './record-fields.ts';

/** A record byte for byte as the gateway writes it (tyk-pump.md, "MessagePack"): every field, in declaration order. */
export function encodeMsgpack(fields: RecordFields): Buffer {
  const out = new ByteWriter(1_024);
  struct({ ...membersOf(fieldTree, fields), CollectionName: text('') })(out);
  return out.take();
}

const membersOf = (tree: FieldTree<Field>, fields: RecordFields): Readonly<Record<string, Write>> =>
  Object.fromEntries(
    tree.map(({ key, leaf, nodes }) => [
      key,
      leaf === undefined ? struct(membersOf(nodes, fields)) : valueOf(leaf, fields),
    ]),
  );

function valueOf(field: Field, fields: RecordFields): Write {
  switch (field.kind) {
    case 'text':
      return text(valueIn(fields, field));
    case 'int32':
    case 'int64':
      return integer(valueIn(fields, field));
    case 'float':
      return float(valueIn(fields, field));
    case 'flag':
      return flag(valueIn(fields, field));
    case 'time':
      return time(valueIn(fields, field));
    case 'list':
      return list(valueIn(fields, field), text);
    case 'names':
      return map(valueIn(fields, field), text);
    case 'types':
      return map(valueIn(fields, field), (texts) => list(texts, text));
    case 'errors':
      return list(valueIn(fields, field), errorStruct);
  }
  return field satisfies never;
}

const errorStruct = ({ message, path }: GraphErrorValue): Write =>
  struct({ Message: text(message), Path: list(path, any) });

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
  return Buffer.from(encodeAny(fields));
}

/**
 * An encoder with memory of its own: what it gives is valid until it is called again.
 *
 * @param names the only ones that records have, for an encoder in which everything else stands ready; undefined: any
 */
export function createMsgpackEncoder(
  names: readonly (keyof RecordFields)[] | undefined,
): (fields: RecordFields) => Buffer {
  const compiled = compile(names === undefined ? undefined : new Set<string>(names));
  let out = new ByteWriter();
  return (fields) => {
    out.clear();
    for (const { lead, field } of compiled.steps) {
      out.bytes(lead);
      putValue(out, field, fields);
    }
    out.bytes(compiled.tail);
    const view = out.view();
    // After one that was very large: the memory is not kept.
    if (out.buffer.length > mostKept) out = new ByteWriter();
    return view;
  };
}

const mostKept = 1024 * 1024;

/** What stands before a value: keys, the beginnings of objects, and fields that no record has. It is the same in every record. */
interface Step {
  readonly lead: Buffer;
  readonly field: Field;
}

interface Compiled {
  readonly steps: readonly Step[];
  readonly tail: Buffer;
}

function compile(names: ReadonlySet<string> | undefined): Compiled {
  const out = new ByteWriter(1_024);
  const steps: Step[] = [];
  const walk = (tree: FieldTree<Field>): void => {
    for (const { key, leaf, nodes } of tree) {
      putText(out, key);
      if (leaf === undefined) {
        begin(out, nodes.length);
        walk(nodes);
      } else if (names?.has(headOf(leaf)) === false) putValue(out, leaf, {});
      else steps.push({ lead: out.take(), field: leaf });
    }
  };
  begin(out, fieldTree.length + 1);
  walk(fieldTree);
  putText(out, 'CollectionName');
  putText(out, '');
  return { steps, tail: out.take() };
}

const headOf = ({ name }: Field): string => name.split('.', 1).join('');

const encodeAny = createMsgpackEncoder(undefined);

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

import { isObject, typeName } from '../../config/options/json.ts';
import type { RecordFields, TimeValue } from '../../record/encode/record-fields.ts';
import { type FieldTree, treeOf } from '../../record/field-tree.ts';
import { type Field, gatewayFields, ownFields } from '../../record/fields.ts';

export type ReadDocument =
  | { readonly fields: RecordFields; readonly reason?: undefined }
  /** It names a field, and none of its values. */
  | { readonly reason: string; readonly fields?: undefined };

type Json = Readonly<Record<string, unknown>>;

class Unreadable extends Error {}

const tree = treeOf(gatewayFields, ({ name }) => name);
/** What Sluice wrote into them on their way out is worked out again on their way out again; `unknown` is the gateway's. */
const ours = new Set(ownFields.map(({ name }) => name.split('.')[0]).concat('record_id'));
ours.delete('unknown');

/** A record of a document with every field under its own name, as `file`, `s3` and `stdout` write them. A missing field is empty. */
export function readDocument(document: Json): ReadDocument {
  const gatewayOnly = Object.fromEntries(
    Object.entries(document).filter(([key]) => !ours.has(key)),
  );
  try {
    const fields = within(gatewayOnly, tree, '');
    // Whatever is no document of a call has none.
    if (!('timestamp' in fields)) return { reason: 'has no "timestamp": it is no record' };
    return { fields };
  } catch (error) {
    if (error instanceof Unreadable) return { reason: error.message };
    throw error;
  }
}

function within(object: Json, nodes: FieldTree<Field>, path: string): Json {
  const read: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    const node = nodes.find((each) => each.key === key);
    const name = `${path}${key}`;
    if (node === undefined)
      throw new Unreadable(`"${name.slice(0, 64)}": is no field of a record (docs/fields.md)`);
    if (node.leaf === undefined) {
      if (!isObject(value)) throw wrong(name, value, 'an object');
      read[key] = within(value, node.nodes, `${name}.`);
    } else read[key] = valueOf(node.leaf, value);
  }
  return read;
}

const wrong = (name: string, value: unknown, expected: string): Unreadable =>
  new Unreadable(`"${name}": is ${typeName(value)}, expected ${expected}`);

function valueOf({ kind, name }: Field, value: unknown): unknown {
  const ensure = (isRight: boolean, expected: string): unknown => {
    if (!isRight) throw wrong(name, value, expected);
    return value;
  };
  switch (kind) {
    case 'text':
      return ensure(typeof value === 'string', 'a text');
    case 'int32':
    case 'int64':
      // A larger one has lost digits by now.
      return ensure(Number.isSafeInteger(value), 'an integer within 2^53');
    case 'float':
      return ensure(typeof value === 'number', 'a number');
    case 'flag':
      return ensure(typeof value === 'boolean', 'true or false');
    case 'time': {
      const time = typeof value === 'string' ? timeOf(value) : undefined;
      if (time === undefined) throw wrong(name, value, 'a time, such as "2026-01-31T12:00:00Z"');
      return time;
    }
    case 'list':
      return ensure(isTexts(value), 'a list of texts');
    case 'names':
      return ensure(
        value === null || (isObject(value) && Object.values(value).every(isText)),
        'an object of texts',
      );
    case 'types':
      return ensure(
        value === null || (isObject(value) && Object.values(value).every(isTexts)),
        'an object of lists of texts',
      );
    case 'errors':
      return ensure(
        value === null || (Array.isArray(value) && value.every(isGraphError)),
        'a list of objects with a message',
      );
    default:
      return kind satisfies never;
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.every(isText));
const isGraphError = (value: unknown): boolean =>
  isObject(value) &&
  isText(value['message']) &&
  ((value['path'] ?? null) === null || Array.isArray(value['path']));

/** As Go writes it. The instant is kept; of the zone the text has only the distance. */
function timeOf(text: string): TimeValue | undefined {
  const parts =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const [, second = '', fraction = '', zone = ''] = parts;
  const at = Date.parse(second + zone);
  return Number.isNaN(at)
    ? undefined
    : { seconds: at / 1000, nanos: Number(fraction.padEnd(9, '0')) };
}

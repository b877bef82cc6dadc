import { isUtf8 } from 'node:buffer';
import {
  type AnalyticsRecord,
  ByteWriter,
  integerReader,
  jsonWriter,
  type RecordWriter,
  type Shape,
  type ShapeEntry,
  type ShapeValue,
  type TextField,
  TextMemo,
} from '#pump';
import { type Key, keyOf, putFlag, putFloat, putInteger, putText, putTexts } from '../value.ts';
import { addressIn, knownMethod, originalMethodOf, portOf } from './http-values.ts';

/** Of a log record. */
const attributesField = 6;

/**
 * Writes the values of a shape as attributes, made once when the pump opens. What is in objects has their names before a dot.
 * What is empty is left out: texts, lists, flags that are not set, fractions that are 0.
 *
 * A text is copied from the record's bytes. One of few values is written once, and from then on found by its bytes.
 */
export function attributesWriter(shape: Shape): RecordWriter {
  const writers = leavesOf(shape, '', []).map(({ name, value, flags }) => {
    const write = writerOf(name, value);
    return flags.length === 0
      ? write
      : (record: AnalyticsRecord, out: ByteWriter): void => {
          if (flags.every((flag) => record.flag(flag))) write(record, out);
        };
  });
  return (record, out) => {
    for (const write of writers) write(record, out);
  };
}

type Flag = NonNullable<ShapeEntry['when']>;

interface Leaf {
  readonly name: string;
  readonly value: Exclude<ShapeValue, { form: 'object' }>;
  /** Those that must be set. */
  readonly flags: readonly Flag[];
}

function leavesOf(shape: Shape, before: string, outer: readonly Flag[]): readonly Leaf[] {
  return shape.flatMap(({ key, value, when }): readonly Leaf[] => {
    const flags = when === undefined ? outer : [...outer, when];
    if (value.form === 'object') return leavesOf(value.entries, `${before}${key}.`, flags);
    return [{ name: before + key, value, flags }];
  });
}

function writerOf(name: string, value: Leaf['value']): RecordWriter {
  const key = keyOf(attributesField, name);
  switch (value.form) {
    case 'text':
    case 'json':
      return textWriter(key, value.field);
    case 'derived':
      return derivedWriter(key, value);
    case 'integer': {
      const read = integerReader(value.field);
      // A length below 0 is one that nobody knew.
      const least = value.field === 'content_length' ? 0 : -Infinity;
      return (record, out) => {
        const number = read(record);
        if (number >= least) putInteger(out, key, number);
      };
    }
    case 'float':
      return (record, out) => {
        const number = record.float(value.field);
        if (number !== 0) putFloat(out, key, number);
      };
    case 'flag':
      return (record, out) => {
        if (record.flag(value.field)) putFlag(out, key, true);
      };
    case 'list':
      return (record, out) => {
        const texts = record.list(value.field) ?? [];
        if (texts.length > 0) putTexts(out, key, texts.map(bytesOf));
      };
    case 'constant': {
      const written = constantOf(key, JSON.parse(value.json));
      return (_, out) => out.bytes(written);
    }
    case 'base64':
    case 'time':
    case 'city-names':
    case 'graph-types':
    case 'graph-errors':
      return jsonAttribute(key, value);
  }
  return value satisfies never;
}

/** These differ from record to record, or are large: to look for them again would cost more than to copy them. */
const various: ReadonlySet<TextField> = new Set<TextField>([
  ...(['path', 'raw_path', 'raw_request', 'raw_response', 'ip_address', 'api_key'] as const),
  ...(['original_path', 'api_schema', 'graphql_stats.Variables'] as const),
]);

function textWriter(key: Key, field: TextField): RecordWriter {
  const write: RecordWriter = (record, out) => {
    const utf8 = validText(record, field);
    if (utf8.length > 0) putText(out, key, utf8);
  };
  return various.has(field) ? write : remembered(field, write);
}

/** Each byte that is no UTF-8 becomes U+FFFD: receivers refuse a whole request with one. */
export function validText(record: AnalyticsRecord, field: TextField): Uint8Array {
  const utf8 = record.utf8(field);
  return isUtf8(utf8) ? utf8 : Buffer.from(record.text(field));
}

/** What it writes depends on nothing but that text. */
function remembered(field: TextField, write: RecordWriter): RecordWriter {
  const memo = new TextMemo({
    field,
    make: (record) => {
      const out = new ByteWriter(256);
      write(record, out);
      return out.take();
    },
  });
  return (record, out) => out.bytes(memo.of(record));
}

/** With what the conventions want beside it. */
function derivedWriter(
  key: Key,
  { field, derive }: Extract<ShapeValue, { form: 'derived' }>,
): RecordWriter {
  const beside = besideOf(derive, field);
  return remembered(field, (record, out) => {
    const utf8 = derive(record.utf8(field));
    if (utf8.length > 0) putText(out, key, utf8);
    beside(record, out);
  });
}

function besideOf(derive: unknown, field: TextField): RecordWriter {
  if (derive === knownMethod) {
    const key = keyOf(attributesField, 'http.request.method_original');
    return (record, out) => {
      const original = originalMethodOf(record.text(field));
      if (original !== '') putText(out, key, Buffer.from(original));
    };
  }
  if (derive === addressIn) {
    const key = keyOf(attributesField, 'server.port');
    return (record, out) => {
      const port = portOf(record.text(field));
      if (port !== undefined) putInteger(out, key, port);
    };
  }
  return () => undefined;
}

/** Of what has no form of its own here: the text of a text, and else JSON. `null` is left out. */
function jsonAttribute(key: Key, value: ShapeValue): RecordWriter {
  const write = jsonWriter([{ key: '', value }]);
  const made = new ByteWriter(256);
  return (record, out) => {
    made.clear();
    write(record, made);
    const json = made.view().toString('utf8', '{"":'.length, made.length - 1);
    if (json === 'null') return;
    const text = json.startsWith('"') ? String(JSON.parse(json)) : json;
    if (text !== '') putText(out, key, bytesOf(text));
  };
}

const bytesOf = (text: string): Buffer => Buffer.from(text);

function constantOf(key: Key, value: unknown): Buffer {
  const out = new ByteWriter(128);
  if (typeof value === 'boolean') putFlag(out, key, value);
  else if (typeof value === 'number' && Number.isSafeInteger(value)) putInteger(out, key, value);
  else if (typeof value === 'number') putFloat(out, key, value);
  else putText(out, key, bytesOf(typeof value === 'string' ? value : JSON.stringify(value)));
  return out.take();
}

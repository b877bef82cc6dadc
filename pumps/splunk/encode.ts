import {
  type AnalyticsRecord,
  ByteWriter,
  fullShape,
  jsonWriter,
  type Shape,
  type ShapeEntry,
  type ShapeValue,
} from '#pump';
import type { Options } from './options.ts';

type Chosen = Pick<
  Options,
  'fields' | 'ignore_tag_prefix_list' | 'obfuscate_api_keys' | 'obfuscate_api_keys_length'
>;

/** What an event holds unless `fields` says otherwise. */
const usual = [
  ...['method', 'path', 'response_code', 'api_key', 'time_stamp', 'api_version', 'api_name'],
  ...['api_id', 'org_id', 'oauth_id', 'raw_request', 'request_time', 'raw_response', 'ip_address'],
];

/** What else `fields` may name. */
const more = [
  ...['host', 'raw_path', 'content_length', 'user_agent', 'geo', 'network', 'latency', 'tags'],
  ...['alias', 'track_path'],
];

/** The names of `fields` that no event can have. */
export const unknownFields = (fields: readonly string[]): readonly string[] =>
  fields.filter((name) => !usual.includes(name) && !more.includes(name));

/** Writes `{"time":…,"event":{…}}`. */
export type EventWriter = (record: AnalyticsRecord, out: ByteWriter) => void;

/** Keys in the order of their bytes, as Go writes a map. */
export function eventShape(options: Chosen): Shape {
  const names = options.fields.length === 0 ? usual : options.fields;
  return [...new Set(names)].sort().flatMap((name) => entryOf(name, options));
}

export function createEventWriter(
  shape: Shape,
  options: Pick<Chosen, 'ignore_tag_prefix_list'>,
): EventWriter {
  const prefixes = options.ignore_tag_prefix_list.filter((prefix) => prefix !== '');
  const hasTags = shape.some(({ value }) => isTags(value));
  const writeEvent =
    prefixes.length > 0 && hasTags ? withoutTags(shape, prefixes) : jsonWriter(shape);
  return (record, out) => {
    out.ascii(`{"time":${record.seconds('timestamp')},"event":`);
    writeEvent(record, out);
    out.byte(0x7d);
  };
}

function entryOf(name: string, options: Chosen): readonly ShapeEntry[] {
  if (name === 'time_stamp') return [{ key: name, value: { form: 'time', field: 'timestamp' } }];
  if (name === 'api_key' && options.obfuscate_api_keys)
    return [{ key: name, value: obfuscated(options.obfuscate_api_keys_length) }];
  const found = fullShape.find(({ key }) => key === name);
  return found === undefined || unknownFields([name]).length > 0
    ? []
    : [{ key: name, value: found.value }];
}

const stars = Buffer.from('****');

/** Its end alone. Of a key that is not longer than that nothing stays: Tyk Pump sends it whole. */
const obfuscated = (length: number): ShapeValue => ({
  form: 'derived',
  field: 'api_key',
  derive(key) {
    if (key.length === 0) return key;
    const shown = Math.max(0, length);
    return key.length > shown ? Buffer.concat([stars, key.subarray(key.length - shown)]) : stars;
  },
});

const isTags = (value: ShapeValue): boolean => value.form === 'list' && value.field === 'tags';

/** The event in three parts, for a shape says nothing about single tags. */
function withoutTags(shape: Shape, prefixes: readonly string[]): EventWriter {
  const at = shape.findIndex(({ value }) => isTags(value));
  const name = JSON.stringify(shape[at]?.key ?? '');
  const [before, after] = [shape.slice(0, at), shape.slice(at + 1)];
  const [writeBefore, writeAfter] = [jsonWriter(before), jsonWriter(after)];
  const rest = new ByteWriter(1_024);
  return (record, out) => {
    writeBefore(record, out);
    out.truncate(out.length - 1);
    if (before.length > 0) out.byte(0x2c);
    const tags = record.list('tags');
    const kept = tags?.filter((tag) => !prefixes.some((prefix) => tag.startsWith(prefix))) ?? null;
    out.utf8(`${name}:${goJson(kept)}`);
    if (after.length > 0) out.byte(0x2c);
    rest.clear();
    writeAfter(record, rest);
    out.bytes(rest.view(), 1);
  };
}

/** JSON with the escapes that Go adds. */
const goJson = (tags: readonly string[] | null): string =>
  JSON.stringify(tags).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

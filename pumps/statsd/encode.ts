import {
  type AnalyticsRecord,
  ByteWriter,
  goTimeText,
  type IntegerField,
  type LineOutput,
  localZone,
  type TextField,
  writeJsonText,
} from '#pump';
import type { Options } from './options.ts';

const fields: Readonly<Record<string, IntegerField>> = {
  request_time: 'request_time',
  latency_total: 'latency.total',
  latency_upstream: 'latency.upstream',
  latency_gateway: 'latency.gateway',
};

const texts: Readonly<Record<string, TextField>> = {
  api_key: 'api_key',
  api_version: 'api_version',
  api_name: 'api_name',
  api_id: 'api_id',
  org_id: 'org_id',
  oauth_id: 'oauth_id',
  raw_request: 'raw_request',
  raw_response: 'raw_response',
  ip_address: 'ip_address',
};

export const fieldNames: readonly string[] = Object.keys(fields);
export const tagNames: readonly string[] = [
  ...['path', 'method', 'response_code', 'time_stamp'],
  ...Object.keys(texts),
  ...fieldNames,
];

type EncodeOptions = Pick<Options, 'fields' | 'tags' | 'separated_method' | 'sanitise'>;

/** Writes a line `<field>.<tag>.<tag>:<value>|ms` for each field. */
export function createEncoder(
  options: EncodeOptions,
): (record: AnalyticsRecord, lines: LineOutput) => void {
  const timed = options.fields.flatMap((name) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field === undefined ? [] : [{ prefix: `${name}.`, field }];
  });
  const tags = options.tags.map((name) => tagReader(name, options.separated_method));
  const clean = cleaner(options.sanitise);
  return (record, lines) => {
    if (timed.length === 0) return;
    const name = tags.map((read) => clean(read(record))).join('.');
    for (const { prefix, field } of timed) {
      lines.out.utf8(`${prefix}${name}:${record.integer(field)}|ms`);
      lines.endLine();
    }
  };
}

type ReadTag = (record: AnalyticsRecord) => string;

/** Tyk Pump makes a tag of a value's JSON; what it does not know is `null`. */
function tagReader(name: string, hasOwnMethod: boolean): ReadTag {
  if (name === 'path')
    return hasOwnMethod
      ? (record) => pathOf(record)
      : (record) => `${tagOf(record, 'method')}${pathOf(record)}`;
  if (name === 'method') return hasOwnMethod ? (record) => tagOf(record, 'method') : () => 'null';
  if (name === 'time_stamp') return timeOf;
  if (name === 'response_code') return (record) => String(record.integer('response_code'));
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field !== undefined) return (record) => String(record.integer(field));
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  return text === undefined ? () => 'null' : (record) => tagOf(record, text);
}

const pathOf: ReadTag = (record) => tagOf(record, 'path').replace(/\/+$/, '');

/** The second, in the process's zone: `2024-03-10` and `22-22-00` and the zone, without the blanks. */
function timeOf(record: AnalyticsRecord): string {
  const seconds = record.seconds('timestamp');
  return goTimeText({ seconds, nanos: 0, zone: localZone() })
    .replaceAll(':', '-')
    .replaceAll(' ', '')
    .toLowerCase();
}

/** ASCII that JSON does not escape, without blanks and quotes. */
const plain = /^[!#-%'-;=?-[\]-~]*$/;
const json = new ByteWriter(1024);

/** The text's JSON in lower case, without quotes and blanks. */
function tagOf(record: AnalyticsRecord, field: TextField): string {
  const text = record.text(field);
  if (plain.test(text)) return text.toLowerCase();
  const bytes = record.utf8(field);
  json.clear();
  writeJsonText(json, bytes, 0, bytes.length);
  return lowerCase(json.view().toString('utf8').replaceAll('"', '').replaceAll(' ', ''));
}

/** Letter by letter, as Go does it: JavaScript's rules depend on the letters around (Σ) and give two for one (İ). */
function lowerCase(text: string): string {
  return Array.from(text, (letter) => (letter === '\u0130' ? 'i' : letter.toLowerCase())).join('');
}

const breaking = /[:|\r\n]/g;
const special = /[:|@#\r\n]/g;

function cleaner(sanitise: Options['sanitise']): (tag: string) => string {
  switch (sanitise) {
    case 'breaking':
      return (tag) => tag.replace(breaking, '_');
    case 'all':
      return (tag) => tag.replace(special, '_');
    case 'off':
      return (tag) => tag;
    default:
      return sanitise satisfies never;
  }
}

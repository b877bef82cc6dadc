import {
  type AnalyticsRecord,
  ByteWriter,
  goTimeText,
  type IntegerField,
  integerReader,
  localZone,
  type TextField,
  writeJsonText,
} from '#pump';
import { groupingIntegers, groupingTexts } from '../shared/grouping/fields.ts';
import type { LineOutput } from '../shared/metric-lines/line-sink.ts';
import { integerTag, shareOf, textTag, type WriteTag } from '../shared/metric-lines/tags.ts';
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
  ...groupingTexts,
};

const integers: Readonly<Record<string, IntegerField>> = { ...fields, ...groupingIntegers };

export const fieldNames: readonly string[] = Object.keys(fields);
export const tagNames: readonly string[] = [
  ...['path', 'method', 'response_code', 'time_stamp'],
  ...Object.keys(texts),
  ...Object.keys(integers),
];

type EncodeOptions = Pick<
  Options,
  'fields' | 'tags' | 'separated_method' | 'sanitise' | 'use_sample_weight'
>;

/** Writes a line `<field>.<tag>.<tag>:<value>|ms` for each field; `|@<share>` behind it where weights count. */
export function createEncoder(
  options: EncodeOptions,
): (record: AnalyticsRecord, lines: LineOutput) => void {
  const timed = options.fields.flatMap((name) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field === undefined ? [] : [{ prefix: `${name}.`, read: integerReader(field) }];
  });
  const clean = cleaner(options.sanitise);
  const tags = options.tags.map((name) => tagWriter(name, options.separated_method, clean));
  return (record, lines) => {
    const { out } = lines;
    const share = options.use_sample_weight ? shareOf(record) : 1;
    const end = share < 1 ? `|ms|@${share}` : '|ms';
    // Of the tags, which all lines have.
    let [buffer, from, to] = [out.buffer, 0, 0];
    for (const [line, { prefix, read }] of timed.entries()) {
      out.ascii(prefix);
      if (line > 0) out.bytes(buffer, from, to);
      else {
        from = out.length;
        for (const [index, write] of tags.entries()) {
          if (index > 0) out.byte(dot);
          write(record, out);
        }
        [buffer, to] = [out.buffer, out.length];
      }
      out.ascii(`:${read(record)}${end}`);
      lines.endLine();
    }
  };
}

const dot = 0x2e;

type ReadTag = (record: AnalyticsRecord) => string;
type Clean = (tag: string) => string;

/** Tyk Pump makes a tag of a value's JSON; what it does not know is `null`. */
function tagWriter(name: string, hasOwnMethod: boolean, clean: Clean): WriteTag {
  const tagOfText = (field: TextField, read: ReadTag): WriteTag =>
    textTag(field, (record) => clean(read(record)));
  if (name === 'path') {
    const path = tagOfText('path', pathOf);
    if (hasOwnMethod) return path;
    const method = tagWriter('method', true, clean);
    return (record, out) => {
      method(record, out);
      path(record, out);
    };
  }
  if (name === 'method' && hasOwnMethod)
    return tagOfText('method', (record) => tagOf(record, 'method'));
  if (name === 'time_stamp') return (record, out) => out.utf8(clean(timeOf(record)));
  if (name === 'response_code') return integerTag('response_code');
  const integer = Object.hasOwn(integers, name) ? integers[name] : undefined;
  if (integer !== undefined) return integerTag(integer);
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  if (text === undefined) return (_, out) => out.ascii('null');
  return tagOfText(text, (record) => tagOf(record, text));
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

function cleaner(sanitise: Options['sanitise']): Clean {
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

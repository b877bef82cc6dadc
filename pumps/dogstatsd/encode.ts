import {
  type AnalyticsRecord,
  flagReader,
  type IntegerField,
  integerReader,
  type TextField,
} from '#pump';
import { groupingIntegers, groupingTexts } from '../shared/grouping/fields.ts';
import type { LineOutput } from '../shared/metric-lines/line-sink.ts';
import { integerTag, shareOf, textTag, type WriteTag } from '../shared/metric-lines/tags.ts';
import type { Options } from './options.ts';

type EncodeOptions = Pick<
  Options,
  | 'namespace'
  | 'tags'
  | 'fields'
  | 'sample_rate'
  | 'obfuscate_api_keys'
  | 'sanitise'
  | 'use_sample_weight'
>;

export interface EncodeParts {
  /** Tags of every line. */
  readonly globalTags: readonly string[];
  /** Uniform in [0, 1): decides about sampling. */
  readonly random: () => number;
}

const texts: Readonly<Record<string, TextField>> = {
  method: 'method',
  api_version: 'api_version',
  api_name: 'api_name',
  api_id: 'api_id',
  org_id: 'org_id',
  ...groupingTexts,
};

const defaultTags = [
  ...['path', 'method', 'response_code', 'api_version', 'api_name', 'api_id', 'org_id', 'tracked'],
  'oauth_id',
];

export const tagNames: readonly string[] = [
  ...defaultTags,
  'api_key',
  ...Object.keys(groupingTexts),
  ...Object.keys(groupingIntegers),
];

const fieldOf: Readonly<Record<Options['fields'][number], IntegerField>> = {
  request_time: 'request_time',
  latency_total: 'latency.total',
  latency_upstream: 'latency.upstream',
  latency_gateway: 'latency.gateway',
};

/** Writes a line `<namespace>.<field>:<value>|h|@<rate>|#<tag>,<tag>` for each field of a record in the sample. */
export function createEncoder(
  options: EncodeOptions,
  { globalTags, random }: EncodeParts,
): (record: AnalyticsRecord, lines: LineOutput) => void {
  const rate = options.sample_rate === 0 ? 1 : options.sample_rate;
  const timed = options.fields.map((field) => ({
    start: Buffer.from(`${options.namespace}.${field}:`),
    read: integerReader(fieldOf[field]),
  }));
  const fixed = globalTags.map((tag) => withoutLineEnds(tag)).join(',');
  const beforeTags = (share: number): string => `${share < 1 ? `|h|@${share}|#` : '|h|#'}${fixed}`;
  const usual = Buffer.from(beforeTags(rate));
  const isDefault = options.tags.length === 0;
  const rules = {
    isDefault,
    isObfuscated: options.obfuscate_api_keys,
    clean: cleaner(options.sanitise),
  };
  const tags = (isDefault ? defaultTags : options.tags).flatMap(
    (name) => tagWriter(name, rules) ?? [],
  );
  return (record, lines) => {
    if (rate < 1 && random() >= rate) return;
    const { out } = lines;
    // Of what all lines have behind their value.
    let [buffer, from, to] = [out.buffer, 0, 0];
    for (const [line, { start, read }] of timed.entries()) {
      out.bytes(start);
      // Tyk Pump's client sends a float.
      out.ascii(String(Number(read(record))));
      if (line > 0) out.bytes(buffer, from, to);
      else {
        from = out.length;
        const share = options.use_sample_weight ? shareOf(record) : 1;
        if (share < 1) out.utf8(beforeTags(rate * share));
        else out.bytes(usual);
        for (const write of tags) write(record, out);
        [buffer, to] = [out.buffer, out.length];
      }
      lines.endLine();
    }
  };
}

interface TagRules {
  /** Nobody named the tags: then a path keeps its slashes, as in Tyk Pump. */
  readonly isDefault: boolean;
  readonly isObfuscated: boolean;
  readonly clean: (value: string) => string;
}

/** Writes a comma and the tag; undefined for a tag there is not. */
function tagWriter(
  name: string,
  { isDefault, isObfuscated, clean }: TagRules,
): WriteTag | undefined {
  const before = `,${name}:`;
  const tagOf = (field: TextField, shown: (text: string) => string = same): WriteTag =>
    textTag(field, (record) => `${before}${clean(withoutLineEnds(shown(record.text(field))))}`);
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  if (text !== undefined) return tagOf(text);
  const integer = Object.hasOwn(groupingIntegers, name) ? groupingIntegers[name] : undefined;
  if (integer !== undefined) return integerTag(integer, before);
  switch (name) {
    case 'path':
      return isDefault ? tagOf('path') : tagOf('path', (path) => path.replace(/\/+$/, ''));
    case 'response_code':
      return integerTag('response_code', before);
    case 'tracked': {
      const isTracked = flagReader('track_path');
      return (record, out) => out.ascii(`${before}${isTracked(record)}`);
    }
    case 'oauth_id':
      return textTag('oauth_id', (record) => {
        const id = record.text('oauth_id');
        return id === '' ? '' : `${before}${clean(withoutLineEnds(id))}`;
      });
    case 'api_key':
      return isObfuscated ? tagOf('api_key', obfuscated) : tagOf('api_key');
    default:
      return undefined;
  }
}

function obfuscated(key: string): string {
  const characters = Array.from(key);
  return characters.length > 4 ? `****${characters.slice(-4).join('')}` : '--';
}

const same = (text: string): string => text;

const withoutLineEnds = (text: string): string =>
  text.includes('\n') ? text.replaceAll('\n', '') : text;

function cleaner(sanitise: Options['sanitise']): (value: string) => string {
  switch (sanitise) {
    case 'off':
      return (value) => value;
    case 'breaking':
      return (value) => value.replace(/[|,]/g, '_');
    case 'all':
      return (value) => value.replace(/[|,:@#]/g, '_');
    default:
      return sanitise satisfies never;
  }
}

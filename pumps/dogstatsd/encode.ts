import type { AnalyticsRecord, Integer, LineOutput, TextField } from '#pump';
import type { Options } from './options.ts';

type EncodeOptions = Pick<
  Options,
  'namespace' | 'tags' | 'fields' | 'sample_rate' | 'obfuscate_api_keys' | 'sanitise'
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
};

const defaultTags = [
  ...['path', 'method', 'response_code', 'api_version', 'api_name', 'api_id', 'org_id', 'tracked'],
  'oauth_id',
];

const latencies = ['latency_total', 'latency_upstream', 'latency_gateway'] as const;

export const tagNames: readonly string[] = [...defaultTags, 'api_key', ...latencies];

const valueOf: Readonly<Record<Options['fields'][number], (record: AnalyticsRecord) => Integer>> = {
  request_time: (record) => record.integer('request_time'),
  latency_total: (record) => record.integer('latency.total'),
  latency_upstream: (record) => record.integer('latency.upstream'),
  latency_gateway: (record) => record.integer('latency.gateway'),
};

/** Writes a line `<namespace>.<field>:<value>|h|@<rate>|#<tag>,<tag>` for each field of a record in the sample. */
export function createEncoder(
  options: EncodeOptions,
  { globalTags, random }: EncodeParts,
): (record: AnalyticsRecord, lines: LineOutput) => void {
  const rate = options.sample_rate === 0 ? 1 : options.sample_rate;
  const middle = rate < 1 ? `|h|@${rate}|#` : '|h|#';
  const timed = options.fields.map((field) => ({
    start: `${options.namespace}.${field}:`,
    read: valueOf[field],
  }));
  const clean = cleaner(options.sanitise);
  const fixed = globalTags.map((tag) => withoutLineEnds(tag)).join(',');
  const isDefault = options.tags.length === 0;
  const tags = (isDefault ? defaultTags : options.tags).flatMap(
    (name) => tagReader(name, { isDefault, isObfuscated: options.obfuscate_api_keys }) ?? [],
  );
  return (record, lines) => {
    if (rate < 1 && random() >= rate) return;
    let tail = `${middle}${fixed}`;
    for (const { prefix, read } of tags) {
      const value = read(record);
      if (value !== undefined) tail += `,${prefix}${clean(withoutLineEnds(value))}`;
    }
    for (const { start, read } of timed) {
      // Tyk Pump's client sends a float.
      lines.out.utf8(`${start}${Number(read(record))}${tail}`);
      lines.endLine();
    }
  };
}

interface TagReader {
  readonly prefix: string;
  /** Undefined: the record has no such tag. */
  readonly read: (record: AnalyticsRecord) => string | undefined;
}

interface TagRules {
  /** Nobody named the tags: then a path keeps its slashes, as in Tyk Pump. */
  readonly isDefault: boolean;
  readonly isObfuscated: boolean;
}

/** Undefined for a tag there is not. */
function tagReader(name: string, rules: TagRules): TagReader | undefined {
  const read = valueReader(name, rules);
  return read === undefined ? undefined : { prefix: `${name}:`, read };
}

function valueReader(
  name: string,
  { isDefault, isObfuscated }: TagRules,
): TagReader['read'] | undefined {
  const text = Object.hasOwn(texts, name) ? texts[name] : undefined;
  if (text !== undefined) return (record) => record.text(text);
  const latency = latencies.find((one) => one === name);
  if (latency !== undefined) return (record) => String(valueOf[latency](record));
  switch (name) {
    case 'path':
      return isDefault
        ? (record) => record.text('path')
        : (record) => record.text('path').replace(/\/+$/, '');
    case 'response_code':
      return (record) => String(record.integer('response_code'));
    case 'tracked':
      return (record) => String(record.flag('track_path'));
    case 'oauth_id':
      return (record) => record.text('oauth_id') || undefined;
    case 'api_key':
      return isObfuscated
        ? (record) => obfuscated(record.text('api_key'))
        : (record) => record.text('api_key');
    default:
      return undefined;
  }
}

function obfuscated(key: string): string {
  const characters = Array.from(key);
  return characters.length > 4 ? `****${characters.slice(-4).join('')}` : '--';
}

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

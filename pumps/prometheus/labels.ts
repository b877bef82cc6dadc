import { type AnalyticsRecord, goTimeText, type IntegerField, type TextField } from '#pump';

/** Where the values of a label come from. Labels with one `id` show the same, so it is read once per record. */
export interface LabelSource {
  readonly id: string;
  readonly read: (record: AnalyticsRecord) => string;
}

export interface LabelRules {
  /** How many characters of a key are shown; undefined: all. */
  readonly keyCharacters: number | undefined;
  readonly pathLabel: (record: AnalyticsRecord) => string;
}

const texts: Readonly<Record<string, TextField>> = {
  host: 'host',
  method: 'method',
  api: 'api_id',
  api_id: 'api_id',
  api_version: 'api_version',
  api_name: 'api_name',
  org_id: 'org_id',
  client_id: 'oauth_id',
  oauth_id: 'oauth_id',
  ip_address: 'ip_address',
  alias: 'alias',
  mcp_method: 'mcp_stats.jsonrpc_method',
  mcp_primitive_type: 'mcp_stats.primitive_type',
  mcp_primitive_name: 'mcp_stats.primitive_name',
};

const integers: Readonly<Record<string, IntegerField>> = {
  code: 'response_code',
  response_code: 'response_code',
  request_time: 'request_time',
  latency_total: 'latency.total',
  latency_upstream: 'latency.upstream',
  latency_gateway: 'latency.gateway',
};

const others = ['path', 'key', 'api_key', 'time_stamp'];

/** Every label a metric may have. */
export const labelNames: readonly string[] = [
  ...Object.keys(texts),
  ...Object.keys(integers),
  ...others,
].sort();

/** The source of a label's values; undefined: there is no such label. Bytes that are no UTF-8 read as U+FFFD. */
export function labelSource(
  name: string,
  { keyCharacters, pathLabel }: LabelRules,
): LabelSource | undefined {
  if (!labelNames.includes(name)) return undefined;
  const text = texts[name];
  if (text !== undefined) return { id: text, read: (record) => record.text(text) };
  const integer = integers[name];
  if (integer !== undefined)
    return { id: integer, read: (record) => String(record.integer(integer)) };
  if (name === 'path') return { id: name, read: pathLabel };
  if (name === 'time_stamp')
    return { id: name, read: (record) => goTimeText(record.time('timestamp')) };
  if (keyCharacters === undefined)
    return { id: 'api_key', read: (record) => record.text('api_key') };
  return {
    id: `api_key ${keyCharacters}`,
    read: (record) => obfuscated(record.text('api_key'), keyCharacters),
  };
}

/** Whole characters: half of one would make a label that is no UTF-8. */
function obfuscated(key: string, shown: number): string {
  const characters = Array.from(key);
  return characters.length > shown ? `****${characters.slice(-shown).join('')}` : '--';
}

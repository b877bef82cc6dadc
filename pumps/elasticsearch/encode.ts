import type { AnalyticsRecord, Shape, ShapeEntry, TextField } from '#pump';

/** Which optional parts the document has. */
export interface DocumentParts {
  readonly extendedStats: boolean;
  readonly decodeBase64: boolean;
}

const text = (key: string, field: TextField): ShapeEntry => ({
  key,
  value: { form: 'text', field },
});

const mcp = (key: string, field: TextField): ShapeEntry => ({
  key,
  value: { form: 'text', field },
  when: 'mcp_stats.is_mcp',
});

const always: Shape = [
  { key: '@timestamp', value: { form: 'time', field: 'timestamp' } },
  text('alias', 'alias'),
  text('api_id', 'api_id'),
  text('api_key', 'api_key'),
  text('api_name', 'api_name'),
  text('api_version', 'api_version'),
  { key: 'content_length', value: { form: 'integer', field: 'content_length' } },
  text('http_method', 'method'),
  text('ip_address', 'ip_address'),
  mcp('mcp_method', 'mcp_stats.jsonrpc_method'),
  mcp('mcp_primitive_name', 'mcp_stats.primitive_name'),
  mcp('mcp_primitive_type', 'mcp_stats.primitive_type'),
  text('oauth_id', 'oauth_id'),
  text('org_id', 'org_id'),
  { key: 'request_time_ms', value: { form: 'integer', field: 'request_time' } },
  text('request_uri', 'path'),
  text('request_uri_full', 'raw_path'),
  { key: 'response_code', value: { form: 'integer', field: 'response_code' } },
  { key: 'tags', value: { form: 'list', field: 'tags' } },
];

/** The document of a record: Tyk Pump's keys, in the order its JSON has them (tyk-pump.md, "elasticsearch"). */
export function documentShape({ extendedStats, decodeBase64 }: DocumentParts): Shape {
  if (!extendedStats) return always;
  const raw = decodeBase64 ? 'base64' : 'text';
  return [
    ...always,
    { key: 'raw_request', value: { form: raw, field: 'raw_request' } } satisfies ShapeEntry,
    { key: 'raw_response', value: { form: raw, field: 'raw_response' } } satisfies ShapeEntry,
    text('user_agent', 'user_agent'),
  ].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Unix seconds of the years 0 and 10000. */
const firstSecond = -62_167_219_200;
const endSecond = 253_402_300_800;

/**
 * Whether a record's time has a JSON form. Tyk Pump loses a whole request with one that has none; and as the first
 * document of an index it would make `@timestamp` a text.
 */
export function hasDocument(record: AnalyticsRecord): boolean {
  const seconds = record.seconds('timestamp');
  return seconds >= firstSecond && seconds < endSecond;
}

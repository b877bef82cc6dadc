import type { AnalyticsRecord, Shape, ShapeEntry, TextField } from '#pump';

const text = (key: string, field: TextField): ShapeEntry => ({
  key,
  value: { form: 'text', field },
});

const standard: Shape = [
  text('alias', 'alias'),
  text('api_id', 'api_id'),
  text('api_key', 'api_key'),
  text('api_name', 'api_name'),
  text('api_version', 'api_version'),
  { key: 'content_length', value: { form: 'integer', field: 'content_length' } },
  text('host', 'host'),
  text('ip_address', 'ip_address'),
  text('method', 'method'),
  text('oauth_id', 'oauth_id'),
  text('org_id', 'org_id'),
  text('path', 'path'),
  text('raw_path', 'raw_path'),
  text('raw_request', 'raw_request'),
  text('raw_response', 'raw_response'),
  { key: 'request_time_ms', value: { form: 'integer', field: 'request_time' } },
  { key: 'response_code', value: { form: 'integer', field: 'response_code' } },
  { key: 'tags', value: { form: 'list', field: 'tags' } },
  { key: 'timestamp', value: { form: 'time', field: 'timestamp' } },
  text('user_agent', 'user_agent'),
];

/**
 * The value of a message: Tyk Pump's keys and the operator's, which win, in the order of Go's maps (tyk-pump.md,
 * "kafka").
 */
export function messageShape(metaData: Readonly<Record<string, string>>): Shape {
  const entries = new Map(standard.map((entry) => [entry.key, entry]));
  for (const [key, value] of Object.entries(metaData))
    entries.set(key, { key, value: { form: 'constant', json: goJson(value) } });
  return [...entries.values()].toSorted((a, b) =>
    Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)),
  );
}

/** Go escapes what could end a script in a page. */
const goJson = (value: string): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Unix seconds of the years 0 and 10000. */
const firstSecond = -62_167_219_200;
const endSecond = 253_402_300_800;

/** Whether a record's time has a JSON form. Tyk Pump sends an empty message where it has none. */
export function hasMessage(record: AnalyticsRecord): boolean {
  const seconds = record.seconds('timestamp');
  return seconds >= firstSecond && seconds < endSecond;
}

import type { RecordFields } from '../../src/record/encode/record-fields.ts';

const apis = ['orders', 'customers', 'catalogue', 'payments', 'shipments', 'search'];
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'okhttp/4.12.0',
  'python-requests/2.32.3',
];
const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
const base64 = (size: number): string => Buffer.alloc(size, 'body of a call; ').toString('base64');

/** Call number `index`: about 1 KB without payloads; one in 64 has characters that are escaped. */
export function callOf(index: number, payloadSize = 0): RecordFields {
  const scattered = Math.imul(index, 2_654_435_761) >>> 0;
  const api = apis[index % apis.length] ?? '';
  const path = `/v2/${api}/${scattered % 5_000}${index % 64 === 7 ? '/a "b",<c>&é' : ''}`;
  const org = '5e9d9544a1dcd60001d0ed20';
  const apiId = hex(index % apis.length, 32);
  const seconds = 1_760_000_000 + Math.floor(index / 200);
  const total = 4 + (scattered % 380);
  return {
    method: index % 4 === 0 ? 'POST' : 'GET',
    host: `${api}.gateway.example.com`,
    path,
    raw_path: path,
    content_length: scattered % 3_000,
    user_agent: agents[scattered % agents.length] ?? '',
    day: 9,
    month: 10,
    year: 2025,
    hour: 8,
    response_code: index % 10 === 0 ? 404 : 200,
    api_key: org + hex(scattered % 1_000, 32),
    timestamp: { seconds, nanos: (index * 7_919_017) % 1_000_000_000, zone: 'UTC' },
    api_version: 'Non Versioned',
    api_name: `${api} API #production`,
    api_id: apiId,
    org_id: org,
    oauth_id: index % 4 === 0 ? hex(scattered % 50, 32) : '',
    request_time: total,
    raw_request: base64(payloadSize / 4),
    raw_response: base64(payloadSize / 2),
    ip_address: `10.${scattered % 200}.${scattered % 250}.7`,
    latency: { total, upstream: total - 4, gateway: 4 },
    tags: [`key-${hex(scattered % 1_000, 8)}`, `org-${org}`, `api-${apiId}`],
    alias: 'mobile',
    expireAt: { seconds: seconds + 604_800 },
    original_path: `/${api}${path}`,
    listen_path: `/${api}/`,
  };
}

/** The same records in one large buffer, as they come in a reply of Redis. */
export function inOneBuffer(records: readonly Uint8Array[]): readonly Buffer[] {
  const all = Buffer.concat(records);
  let end = 0;
  return records.map(({ length }) => all.subarray(end, (end += length)));
}

import { ContractError } from '../lib/errors.ts';
import { decoders } from './decoders.ts';
import { encodeMsgpack } from './encode/msgpack.ts';
import { encodeProtobuf } from './encode/protobuf.ts';
import type { RecordFields } from './encode/record-fields.ts';
import { encodeUptime } from './encode/uptime.ts';
import type { AnalyticsRecord } from './record.ts';
import { uptimeDecoder } from './uptime/decoder.ts';

type Encoding = AnalyticsRecord['encoding'];

/** An ordinary call on 2024-03-10 at 22:22. */
const unremarkable: RecordFields = {
  method: 'GET',
  host: 'api.example.com',
  path: '/pets',
  raw_path: '/pets',
  day: 10,
  month: 3,
  year: 2024,
  hour: 22,
  response_code: 200,
  api_key: 'test-key',
  timestamp: { seconds: 1_710_109_320 },
  api_version: 'v1',
  api_name: 'Pets',
  api_id: 'api-pets',
  org_id: 'org-alpha',
  request_time: 12,
  ip_address: '192.0.2.1',
  latency: { total: 12, upstream: 10, gateway: 2 },
  expireAt: { seconds: 1_710_112_920 },
};

/** The bytes a gateway would write for exactly these fields. */
export const encodeRecord = (fields: RecordFields, encoding: Encoding = 'msgpack'): Buffer =>
  encoding === 'msgpack' ? encodeMsgpack(fields) : encodeProtobuf(fields);

/** A record as it comes out of the decoder. What is not said is unremarkable. */
export function aRecord(
  fields: RecordFields = {},
  options: { readonly encoding?: Encoding } = {},
): AnalyticsRecord {
  const encoding = options.encoding ?? 'msgpack';
  const bytes = encodeRecord({ ...unremarkable, ...fields }, encoding);
  return decodeRecord(bytes, encoding);
}

/** The same of many, side by side in one region, as in a reply of Redis. */
export function someRecords(all: readonly RecordFields[]): readonly AnalyticsRecord[] {
  const decoder = decoders.find(({ name }) => name === 'msgpack');
  const elements = all.map((fields) => encodeMsgpack({ ...unremarkable, ...fields }));
  const chunk = decoder?.decode(elements);
  return all.map((_, index) => {
    const record = chunk?.record(index);
    if (record === undefined) throw new ContractError('a test record decodes');
    return record;
  });
}

/** The record in these bytes; throws where there is none. */
export function decodeRecord(bytes: Uint8Array, encoding: Encoding = 'msgpack'): AnalyticsRecord {
  const decoder = decoders.find(({ name }) => name === encoding);
  const record = decoder?.decode([bytes]).record(0);
  if (record === undefined) throw new ContractError('a test record decodes');
  return record;
}

/** An uptime record as it comes out of the decoder, from the fields that it has in common with a call; `path` is its URL. */
export function anUptimeRecord(fields: RecordFields = {}): AnalyticsRecord {
  const { path = 'http://up.example.com/', ...shared } = {
    ...unremarkable,
    path: undefined,
    ...fields,
  };
  const record = uptimeDecoder.decode([encodeUptime({ ...shared, url: path })]).record(0);
  if (record === undefined) throw new ContractError('a test record decodes');
  return record;
}

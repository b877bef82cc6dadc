import { ContractError } from '../../lib/errors.ts';
import { decoders } from '../decoders.ts';
import { encodeMsgpack } from '../encode/msgpack.ts';
import { encodeProtobuf } from '../encode/protobuf.ts';
import type { RecordFields } from '../encode/record-fields.ts';
import type { AnalyticsRecord } from '../record.ts';

/**
 * The record with what no caller has written: when, how long, with what answer, and of which API. For one that should be
 * written anew and cannot be, which would be an error of ours.
 */
export function bareRecord(record: AnalyticsRecord): AnalyticsRecord {
  const fields: RecordFields = {
    day: record.integer('day'),
    month: record.integer('month'),
    year: record.integer('year'),
    hour: record.integer('hour'),
    response_code: record.integer('response_code'),
    timestamp: record.time('timestamp'),
    expireAt: record.time('expireAt'),
    request_time: record.integer('request_time'),
    content_length: record.integer('content_length'),
    api_id: record.text('api_id'),
    api_name: record.text('api_name'),
    api_version: record.text('api_version'),
    org_id: record.text('org_id'),
    latency: {
      total: record.integer('latency.total'),
      upstream: record.integer('latency.upstream'),
      gateway: record.integer('latency.gateway'),
    },
  };
  const bytes = record.encoding === 'msgpack' ? encodeMsgpack(fields) : encodeProtobuf(fields);
  const decoder = decoders.find(({ name }) => name === record.encoding);
  const bare = decoder?.decode([bytes]).record(0);
  if (bare === undefined) throw new ContractError('what was encoded can be decoded');
  return bare;
}

import { ByteWriter } from '../../lib/byte-writer.ts';
import { flag, integer, struct, text, time } from '../msgpack/write-value.ts';
import type { Integer } from '../record.ts';
import type { TextValue, TimeValue } from './record-fields.ts';

/** An uptime record as plain data. A missing field is Go's zero value. */
export interface UptimeFields {
  readonly id?: TextValue;
  readonly url?: TextValue;
  readonly request_time?: Integer;
  readonly response_code?: Integer;
  readonly tcp_error?: boolean;
  readonly server_error?: boolean;
  readonly day?: Integer;
  readonly month?: Integer;
  readonly year?: Integer;
  readonly hour?: Integer;
  readonly minute?: Integer;
  readonly timestamp?: TimeValue;
  readonly expireAt?: TimeValue;
  readonly api_id?: TextValue;
  readonly org_id?: TextValue;
}

/**
 * Byte for byte as the gateway writes it (tyk-pump.md, "Uptime records"): every field, in declaration order. An ID is a
 * field of the pump's alone, so it is there only where it is given.
 */
export function encodeUptime(fields: UptimeFields): Buffer {
  const out = new ByteWriter(512);
  struct({
    ...(fields.id === undefined ? {} : { ID: text(fields.id) }),
    URL: text(fields.url),
    RequestTime: integer(fields.request_time),
    ResponseCode: integer(fields.response_code),
    TCPError: flag(fields.tcp_error),
    ServerError: flag(fields.server_error),
    Day: integer(fields.day),
    Month: integer(fields.month),
    Year: integer(fields.year),
    Hour: integer(fields.hour),
    Minute: integer(fields.minute),
    TimeStamp: time(fields.timestamp),
    ExpireAt: time(fields.expireAt),
    APIID: text(fields.api_id),
    OrgID: text(fields.org_id),
  })(out);
  return out.take();
}

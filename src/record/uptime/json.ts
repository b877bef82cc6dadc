import { rfc3339 } from '../time/text.ts';
import { readUptime, type UptimeRecord } from './read.ts';

type Value = UptimeRecord[keyof UptimeRecord];

/** An uptime record as Go writes it as JSON (tyk-pump.md, "Uptime records"), for people to look at. */
export function uptimeJson(record: Parameters<typeof readUptime>[0]): string {
  const read = readUptime(record);
  const members: readonly (readonly [string, Value])[] = [
    ['_id', read.id],
    ['url', read.url],
    ['request_time', read.requestTime],
    ['response_code', read.responseCode],
    ['tcp_error', read.isTcpError],
    ['server_error', read.isServerError],
    ['day', read.day],
    ['month', read.month],
    ['year', read.year],
    ['hour', read.hour],
    ['minute', read.minute],
    ['timestamp', read.timestamp],
    ['ExpireAt', read.expireAt],
    ['api_id', read.apiId],
    ['org_id', read.orgId],
  ];
  return `{${members.map(([name, value]) => `"${name}":${shown(value)}`).join(',')}}`;
}

function shown(value: Value): string {
  if (typeof value === 'object') return JSON.stringify(rfc3339(value));
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

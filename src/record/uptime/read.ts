import { ContractError } from '../../lib/errors.ts';
import { locateText, readInteger, readTime } from '../msgpack/read.ts';
import { scanRecord } from '../msgpack/scan.ts';
import type { AnalyticsRecord, Integer, RecordTime } from '../record.ts';
import { slotOf } from '../slots.ts';
import { createSpan } from '../span.ts';
import { localZone } from '../time/local-zone.ts';
import { zeroTime } from '../time/zero-time.ts';
import { decodeUtf8 } from '../utf8.ts';
import { uptimeSlots, uptimeStruct, uptimeWidth } from './layout.ts';

/** What the gateway found at an upstream that it looks after. A missing field has Go's zero value. */
export interface UptimeRecord {
  readonly id: string;
  readonly url: string;
  /** Milliseconds. */
  readonly requestTime: Integer;
  readonly responseCode: Integer;
  readonly isTcpError: boolean;
  readonly isServerError: boolean;
  readonly day: Integer;
  readonly month: Integer;
  readonly year: Integer;
  readonly hour: Integer;
  readonly minute: Integer;
  /** In the process's zone. */
  readonly timestamp: RecordTime;
  readonly expireAt: RecordTime;
  readonly apiId: string;
  readonly orgId: string;
}

const slots = new Int32Array(uptimeWidth);
const span = createSpan();

/**
 * Everything an uptime record holds, from a record of a list of such. They are few, so that this decodes them as a whole;
 * invalid UTF-8 reads as U+FFFD. Throws where the bytes are those of no uptime record.
 */
export function readUptime(record: Pick<AnalyticsRecord, 'bytes'>): UptimeRecord {
  const bytes = Buffer.from(record.bytes);
  slots.fill(0);
  const reason = scanRecord(bytes, slots, 0, uptimeStruct);
  if (reason !== undefined) throw new ContractError(`no uptime record: ${reason}`);
  return {
    id: text(bytes, uptimeSlots.id),
    url: text(bytes, uptimeSlots.url),
    requestTime: integer(bytes, slotOf.request_time),
    responseCode: integer(bytes, slotOf.response_code),
    isTcpError: flag(bytes, uptimeSlots.tcpError),
    isServerError: flag(bytes, uptimeSlots.serverError),
    day: integer(bytes, slotOf.day),
    month: integer(bytes, slotOf.month),
    year: integer(bytes, slotOf.year),
    hour: integer(bytes, slotOf.hour),
    minute: integer(bytes, uptimeSlots.minute),
    timestamp: time(bytes, slotOf.timestamp),
    expireAt: time(bytes, slotOf.expireAt),
    apiId: text(bytes, slotOf.api_id),
    orgId: text(bytes, slotOf.org_id),
  };
}

/** Of the value; 0 where it is missing, for there a record begins. */
const at = (slot: number): number => slots[slot] as number;

function text(bytes: Buffer, slot: number): string {
  if (at(slot) === 0) return '';
  locateText(bytes, at(slot), span);
  return decodeUtf8(span.source, span.start, span.end);
}

const integer = (bytes: Buffer, slot: number): Integer =>
  at(slot) === 0 ? 0 : readInteger(bytes, at(slot));

const flag = (bytes: Buffer, slot: number): boolean => at(slot) !== 0 && bytes[at(slot)] === 0xc3;

function time(bytes: Buffer, slot: number): RecordTime {
  return at(slot) === 0 ? zeroTime : { ...readTime(bytes, at(slot)), zone: localZone() };
}

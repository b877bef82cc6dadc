import { type Millis, millis } from '../../lib/units.ts';
import { type RecordId, recordIdOf } from '../../pump/batch.ts';
import type { FailureKind } from '../../pump/verdict.ts';
import type { Range } from '../../purge/lease/lease.ts';
import type { Undecodable } from '../../record/record.ts';

/**
 * A rejected record kept with its reason. In Redis it is one hash value: a line of JSON, then the bytes exactly as the
 * gateway wrote them. JSON never holds a raw line feed, so the first one ends the header, and a reader in any language
 * needs no library of ours.
 */
export interface DeadLetter {
  readonly id: RecordId;
  /** The gateway list it came from, K. */
  readonly list: string;
  /** The route that rejected it, or `undecodable`. */
  readonly route: string;
  readonly kind: FailureKind | 'undecodable';
  readonly reason: string;
  readonly attempts: number;
  /** Wall clock of the first and the last attempt. */
  readonly firstAt: Millis;
  readonly lastAt: Millis;
  readonly encoding: 'msgpack' | 'protobuf';
  readonly bytes: Uint8Array;
}

/**
 * Where elements that are no record go, once whatever the number of routes. Routes are named in upper case, so none
 * of them can have this name.
 */
export const undecodableRoute = 'undecodable';

/** Where those of them are kept that are too large to be sent by Redis: apart, so that the others can be listed. */
export const unreadRoute = 'unread';

/** What is kept of an element of a range that is no record. */
export function undecodableLetter(range: Range, element: Undecodable, at: Millis): DeadLetter {
  return {
    id: recordIdOf(range.segment, range.start + element.index),
    list: range.list.key,
    route: undecodableRoute,
    kind: 'undecodable',
    reason: element.reason,
    attempts: 1,
    firstAt: at,
    lastAt: at,
    encoding: range.list.decoder.name,
    bytes: element.bytes,
  };
}

/** A reason is for a person; more of it would only fill Redis. */
const longestReason = 1024;
const lineFeed = 0x0a;

export function encodeLetter({ bytes, ...header }: DeadLetter): Buffer {
  const reason = shorten(header.reason);
  return Buffer.concat([Buffer.from(`${JSON.stringify({ ...header, reason })}\n`), bytes]);
}

/** Undefined where the value is no letter of ours. */
export function decodeLetter(value: Buffer): DeadLetter | undefined {
  const end = value.indexOf(lineFeed);
  if (end < 0) return undefined;
  try {
    const header: unknown = JSON.parse(value.toString('utf8', 0, end));
    if (!isHeader(header)) return undefined;
    return {
      ...header,
      firstAt: millis(header.firstAt),
      lastAt: millis(header.lastAt),
      bytes: value.subarray(end + 1),
    };
  } catch {
    return undefined;
  }
}

/** At most 1 KiB of UTF-8, cut between characters. */
function shorten(reason: string): string {
  if (reason.length * 3 <= longestReason) return reason;
  const utf8 = Buffer.from(reason);
  if (utf8.length <= longestReason) return reason;
  let end = longestReason - 3;
  while (((utf8[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return `${utf8.toString('utf8', 0, end)}…`;
}

function isHeader(value: unknown): value is Omit<DeadLetter, 'bytes'> {
  if (typeof value !== 'object' || value === null) return false;
  const header = value as Partial<Record<keyof DeadLetter, unknown>>;
  const texts = [header.id, header.list, header.route, header.kind, header.reason, header.encoding];
  const numbers = [header.attempts, header.firstAt, header.lastAt];
  return (
    texts.every((text) => typeof text === 'string') &&
    numbers.every((number) => typeof number === 'number')
  );
}

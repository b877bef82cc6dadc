import { type AnalyticsRecord, type Entry, murmur128 } from '#pump';
import type { IdScheme } from './settings.ts';

/** A document's `_id`: a text, or Tyk Pump's raw bytes. */
export type DocumentId = string | Uint8Array;

/** The id of an entry's document; undefined where the server makes one. */
export function documentId(scheme: IdScheme, entry: Entry): DocumentId | undefined {
  switch (scheme) {
    case 'record':
      return entry.id;
    case 'tyk':
      return tykHash(entry.record);
    case 'tyk_hex':
      return Buffer.from(tykHash(entry.record)).toString('hex');
    case 'none':
      return undefined;
    default:
      return scheme satisfies never;
  }
}

/** The id as the server knows it. */
export const idText = (id: DocumentId): string => (typeof id === 'string' ? id : goText(id));

/** The id as a JSON string with its quotes. */
export const jsonId = (id: DocumentId): string => JSON.stringify(idText(id));

/** The id as a segment of a path. */
export const pathId = (id: DocumentId): string =>
  typeof id === 'string' ? encodeURIComponent(id) : escaped(id);

/** The hash of the fields that Tyk Pump takes for a record's identity (tyk-pump.md, "elasticsearch"). */
function tykHash(record: AnalyticsRecord): Uint8Array {
  const time = record.time('timestamp');
  // Go's UnixNano is an int64 that wraps for years far from ours.
  const nanos = BigInt.asIntN(64, BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanos));
  const hash = murmur128(
    Buffer.concat([
      Buffer.from(nanos.toString()),
      record.utf8('method'),
      record.utf8('path'),
      record.utf8('ip_address'),
      record.utf8('api_id'),
      record.utf8('oauth_id'),
      Buffer.from(record.integer('request_time').toString()),
      record.utf8('alias'),
    ]),
  );
  return hash.subarray(0, 8);
}

/**
 * The raw bytes as Go writes them into JSON: each byte that is not part of valid UTF-8 becomes U+FFFD. Node's decoder
 * replaces a cut sequence as a whole, which would make another id.
 */
function goText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const character = characterAt(bytes, at);
    text += character ?? '\ufffd';
    at += character === undefined ? 1 : Buffer.byteLength(character);
  }
  return text;
}

function characterAt(bytes: Uint8Array, at: number): string | undefined {
  for (let size = 1; size <= 4 && at + size <= bytes.length; size++) {
    const sequence = Buffer.from(bytes.subarray(at, at + size));
    const text = sequence.toString('utf8');
    if (Array.from(text).length === 1 && Buffer.from(text).equals(sequence)) return text;
  }
  return undefined;
}

/** Percent-escaped, all but the unreserved characters of RFC 3986. */
function escaped(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    text += /[\w.~-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return text;
}

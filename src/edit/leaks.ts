import { decodeBase64 } from '../record/base64.ts';
import type { TextField } from '../record/fields.ts';
import type { AnalyticsRecord } from '../record/record.ts';

/** What a record carries that opens something; never the value itself. */
export const leakKinds = ['authorization', 'cookie', 'token'] as const;
export type LeakKind = (typeof leakKinds)[number];

/** Bytes of a payload that are looked at: headers come first. */
const mostBytes = 16 * 1024;

/** Each takes time in proportion to the text. */
const signs: readonly (readonly [LeakKind, RegExp])[] = [
  ['authorization', /^(?:proxy-)?authorization:[^\r\n]/im],
  ['cookie', /^(?:set-)?cookie:[^\r\n]/im],
  [
    'token',
    /^x-api-key:[^\r\n]|[?&](?:access_token|api_?key|token|password)=(?!\[(?:redacted|hmac:[0-9a-f]+)\])[^&\s]|\beyJ[\w-]{10,}\.[\w-]{10,}\./im,
  ],
];

/** What is redacted already. */
const redactedParts =
  /^[^:\r\n]*:[ \t]*(?:[^\r\n]*=|[a-z]+[ \t]+)?\[(?:redacted|hmac:[0-9a-f]+)\][^\r\n]*$/gim;

/** The kinds of secrets that leave with this record; a hint that costs little, and no proof that there are none. */
export function leaksOf(record: AnalyticsRecord): readonly LeakKind[] {
  const texts = (['raw_request', 'raw_response', 'raw_path'] as const).map((field) =>
    textOf(record, field),
  );
  return signs.flatMap(([kind, sign]) => (texts.some((text) => sign.test(text)) ? [kind] : []));
}

/** Whether it has a payload to look at. */
export const hasPayload = (record: AnalyticsRecord): boolean =>
  record.utf8('raw_request').length > 0 || record.utf8('raw_response').length > 0;

function textOf(record: AnalyticsRecord, field: TextField): string {
  const utf8 = record.utf8(field).subarray(0, mostBytes);
  const source = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length);
  const { bytes, isComplete } = decodeBase64(source, 0, 4 * Math.floor(utf8.length / 4));
  const text = isComplete && bytes.length > 0 ? bytes : source;
  return text.toString('latin1').replaceAll(redactedParts, '');
}

import type { IntegerField, TextField } from '../../record/fields.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { slotOf } from '../../record/slots.ts';
import { spanned } from '../../record/span.ts';
import type { Cell } from '../libsql.ts';

/** Texts of records that have a column, by the field’s name with `_` in place of dots. */
export const textColumns = [
  ...(['api_id', 'api_name', 'api_version', 'org_id', 'api_key', 'oauth_id'] as const),
  ...(['host', 'method', 'path', 'raw_path', 'user_agent', 'ip_address', 'alias'] as const),
] as const satisfies readonly TextField[];

export const integerColumns = [
  ...(['response_code', 'request_time', 'content_length'] as const),
  ...(['latency.total', 'latency.upstream', 'latency.gateway'] as const),
  ...(['network.bytes_in', 'network.bytes_out'] as const),
] as const satisfies readonly IntegerField[];

export type TextColumn = (typeof textColumns)[number];
export type IntegerColumn = (typeof integerColumns)[number];

export const columnOf = (field: TextColumn | IntegerColumn): string => field.replace('.', '_');

/** Around each tag in the column of tags, so that a whole one can be looked for. */
export const tagMark = '\u001f';

/** Longer texts are cut in their columns, in characters; the record itself has all of them. */
export const longestText = 1024;

/** Times in microseconds that a column can hold as they are; others are moved to the nearer end. */
export const latestMicros = 8e15;

/**
 * What the columns cannot say exactly: bytes that are no UTF-8, texts that were cut, and characters that SQLite or the column of
 * tags give a meaning of their own.
 */
const odd = /[\0\u001f\ufffd]/;

/** `time`, `odd`, the texts, `tags`, and the integers: in the order of the table. */
export function columnsOf(record: AnalyticsRecord): readonly Cell[] {
  const spans = spanned(record);
  let isOdd = false;
  const texts = textColumns.map((field) => {
    const { start, end } = spans.span(slotOf[field]);
    if (start === end) return '';
    const text = record.text(field);
    if (text.length > longestText || odd.test(text)) isOdd = true;
    return text.length > longestText ? text.slice(0, longestText) : text;
  });
  const list = record.list('tags') ?? [];
  const tags = list.length === 0 ? '' : `${tagMark}${list.join(tagMark)}${tagMark}`;
  if (tags.length > 4 * longestText || list.some((tag) => odd.test(tag))) isOdd = true;
  return [
    microsOf(record),
    isOdd ? 1 : 0,
    ...texts,
    tags.slice(0, 4 * longestText),
    ...integerColumns.map((field) => record.integer(field)),
  ];
}

/** Of the record’s time since 1970, nanoseconds left out. */
function microsOf(record: AnalyticsRecord): number {
  const { seconds, nanos } = record.time('timestamp');
  const micros = Number(seconds) * 1e6 + Math.floor(nanos / 1000);
  return Math.min(Math.max(micros, -latestMicros), latestMicros);
}

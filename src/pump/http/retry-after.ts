import { type Millis, millis, seconds } from '../../lib/units.ts';

/**
 * How long a server wants to hear nothing (RFC 9110, 10.2.3): from seconds, or from a date in any of its three forms.
 * A date is compared with the server's own `Date`, for its clock and ours may differ. Undefined: it says neither.
 */
export function retryAfterOf(
  headers: Readonly<Record<string, unknown>>,
  now: Millis,
): Millis | undefined {
  const text = textOf(headers['retry-after']);
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return seconds(Number(text));
  const date = dateOf(text);
  if (date === undefined) return undefined;
  return millis(Math.max(0, date - (dateOf(textOf(headers['date']) ?? '') ?? now)));
}

/** A header that stands twice: the first. */
function textOf(header: unknown): string | undefined {
  const first: unknown = Array.isArray(header) ? header[0] : header;
  return typeof first === 'string' ? first.trim() : undefined;
}

const days = '(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?';
const time = String.raw`\d\d:\d\d:\d\d`;
/** `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`. */
const forms = new RegExp(
  String.raw`^${days}(?:, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} ${time} GMT| [A-Z][a-z]{2} [ \d]\d ${time} \d{4})$`,
);

/** `Date.parse` alone would take many a text for a date. */
function dateOf(text: string): number | undefined {
  if (!forms.test(text)) return undefined;
  const date = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}

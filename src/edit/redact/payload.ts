import type { Span as TextSpan } from '../../record/span.ts';
import type { Unsure } from './compression.ts';
import { find } from './find.ts';
import { isMessage } from './head.ts';
import { isMark } from './marks.ts';
import { headOf, redactMessage } from './message.ts';
import { type Pass, seeLater } from './plan.ts';
import { withSpans } from './spans.ts';
import { plainText } from './text-kind.ts';

/** A payload's new text, undefined where it stays as it is, and why all of it or of its body was redacted. */
export interface RedactedPayload {
  readonly text: string | undefined;
  readonly unsure: Unsure | undefined;
}

/** A recorded request or response: base64 of a message, as the gateway writes it, or the message itself. */
export function redactPayload({ source, start, end }: TextSpan, pass: Pass): RedactedPayload {
  const scanned = pass.scanner?.decode(source, start, end);
  if (scanned !== undefined && pass.quiet?.isMessage(scanned) === true) {
    seeLater(scanned, pass);
    return untouched;
  }
  const text = scanned === undefined ? source.toString('latin1', start, end) : undefined;
  const decoded = scanned ?? decodeBase64(text ?? '');
  if (decoded === 'cut') {
    if (text === undefined || isMark(text) || text.length < 6) return untouched;
    return { text: wholePayload(pass), unsure: 'base64' };
  }
  if (decoded === undefined) {
    const bytes = source.subarray(start, end);
    return redactMessage(bytes, headOf(bytes), pass);
  }
  const head = headOf(decoded);
  if (!isMessage(head)) {
    // A text may look like base64.
    const encoded = text ?? source.toString('latin1', start, end);
    const spans = find(encoded, { ...plainText, depth: 1 }, pass);
    if (spans.some(({ isWhole }) => isWhole))
      return { text: withSpans(encoded, spans), unsure: undefined };
  }
  const { text: changed, unsure } = redactMessage(decoded, head, pass);
  return {
    text: changed === undefined ? undefined : Buffer.from(changed, 'latin1').toString('base64'),
    unsure,
  };
}

const untouched: RedactedPayload = { text: undefined, unsure: undefined };

/** All of it redacted: base64, as what it replaces. */
export function wholePayload(pass: Pass): string {
  pass.places++;
  return Buffer.from(pass.plan.mark('')).toString('base64');
}

/** What base64 holds, valid until the next is decoded; `cut` where its last letters are missing; undefined where it is none. */
export function decodeBase64(text: string): Buffer | 'cut' | undefined {
  const quick = decodeWhole(text);
  if (quick !== undefined) return quick;
  if (/[^A-Za-z0-9+/=\r\n]/.test(text)) return undefined;
  const joined = text.replaceAll(/[\r\n]/g, '');
  return decodeWhole(joined) ?? 'cut';
}

/** The runtime passes over what is no base64: then less comes out than must. */
function decodeWhole(text: string): Buffer | undefined {
  const size = text.length;
  if (size % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const room = roomFor((size / 4) * 3);
  const length = room.write(text, 0, 'base64');
  return length === (size / 4) * 3 - padding ? room.subarray(0, length) : undefined;
}

/** Memory for one payload after the other: what is decoded is read before the next one. */
let scratch = Buffer.allocUnsafeSlow(32_768);
const mostKept = 1_048_576;

function roomFor(size: number): Buffer {
  if (size <= scratch.length) return scratch;
  const room = Buffer.allocUnsafeSlow(size);
  if (size <= mostKept) scratch = room;
  return room;
}

/** A piece of a text and what takes its place. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly put: string;
  /** Whether all of it is redacted; otherwise it is something written anew (base64) that holds redacted pieces. */
  readonly isWhole: boolean;
  /** Where a member of a list goes as a whole: what stands between members. One of the separators goes with it. */
  readonly separator: '' | ',' | '&' | ';';
}

export const noSpans: readonly Span[] = [];

export const span = (from: number, to: number, put: string): Span => ({
  from,
  to,
  put,
  isWhole: true,
  separator: '',
});

/** Brings spans into order and makes them disjoint: of two that overlap both are redacted, rather too much than too little. */
export function settle(text: string, spans: Span[], union: string): readonly Span[] {
  if (spans.length === 0) return noSpans;
  if (spans.length > 1) spans.sort((left, right) => left.from - right.from || right.to - left.to);
  const merged: Span[] = [];
  for (const next of spans) {
    const last = merged.at(-1);
    if (last === undefined || next.from >= last.to) merged.push(next);
    else merged[merged.length - 1] = joined(last, next, union);
  }
  return merged.some(({ separator }) => separator !== '') ? withSeparators(text, merged) : merged;
}

function joined(left: Span, right: Span, union: string): Span {
  if (right.to <= left.to && (left.isWhole || !right.isWhole)) return left;
  if (right.from === left.from && right.to >= left.to && right.isWhole) return right;
  return span(left.from, Math.max(left.to, right.to), union);
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** Members that go take the separator before them along; the first ones of a list that behind them. */
function withSeparators(text: string, spans: readonly Span[]): readonly Span[] {
  const grouped: Span[] = [];
  for (const next of spans) {
    const last = grouped.at(-1);
    if (last !== undefined && last.separator !== '' && last.separator === next.separator) {
      const between = afterSpace(text, last.to);
      if (text[between] === next.separator && afterSpace(text, between + 1) === next.from) {
        grouped[grouped.length - 1] = { ...last, to: next.to };
        continue;
      }
    }
    grouped.push(next);
  }
  return grouped.map((member, index) => {
    const { separator, from, to } = member;
    if (separator === '') return member;
    const whole: Span = { ...member, separator: '' };
    const before = beforeSpace(text, from, grouped[index - 1]?.to ?? 0);
    if (before > 0 && text[before - 1] === separator) return { ...whole, from: before - 1 };
    const after = afterSpace(text, to);
    if (text[after] !== separator) return whole;
    const end = separator === ';' ? afterSpace(text, after + 1) : after + 1;
    return { ...whole, to: Math.min(end, grouped[index + 1]?.from ?? end) };
  });
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

function beforeSpace(text: string, from: number, least: number): number {
  let at = from;
  while (at > least && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

/** The text with its spans, which are settled. */
export function withSpans(text: string, spans: readonly Span[]): string {
  let out = '';
  let from = 0;
  for (const { from: start, to, put } of spans) {
    out += text.slice(from, start) + put;
    from = to;
  }
  return out + text.slice(from);
}

/** Whether one of the spans, which are settled, covers all of [from, to). */
export function isCovered(spans: readonly Span[], from: number, to: number): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.to ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  const found = spans[low];
  return found !== undefined && found.from <= from && to <= found.to;
}

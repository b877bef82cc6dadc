import { skipSpace, stringEnd, unescapeJson } from './json-text.ts';
import { isMark, markLength } from './marks.ts';
import type { NamedValue } from './named/named-value.ts';
import { type Pass, placed, remember } from './plan.ts';
import { type Span, span } from './spans.ts';
import type { TextKind } from './text-kind.ts';

/** Redacts a value that has a name, and remembers it, for it may stand elsewhere too. */
export function addNamed(
  text: string,
  value: NamedValue,
  kind: TextKind,
  pass: Pass,
  spans: Span[],
): void {
  const raw = text.slice(value.from, value.to);
  if (
    isMark(raw) ||
    (markLength(raw, 0) > 0 &&
      raw.length < 64 &&
      raw.trimEnd() === raw.slice(0, markLength(raw, 0)))
  )
    return;
  const { plan } = pass;
  const plain = plainValue(raw);
  const put = placed(pass, plain);
  if (plain !== raw) remember(pass, raw, put);
  if (kind.isForm && raw.includes('+')) remember(pass, plain.replaceAll('+', ' '), put);
  if (value.form === 'json') rememberTexts(raw, pass);
  if (plan.isRemoving && value.memberTo > 0)
    spans.push({ ...span(value.memberFrom, value.memberTo, ''), separator: value.separator });
  else if (value.form === 'json')
    spans.push(span(value.from, value.to, plan.isRemoving ? 'null' : `"${put}"`));
  else spans.push(span(value.from, value.to, put));
}

/** A value as it stands elsewhere, whose encodings may be others. */
function plainValue(raw: string): string {
  if (raw.includes('%'))
    return raw.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    );
  return raw.includes('\\') ? unescapeJson(raw, 0, raw.length).text : raw;
}

/** Texts within an object or a list that goes as a whole. */
function rememberTexts(raw: string, pass: Pass): void {
  if (raw[0] !== '{' && raw[0] !== '[') return;
  for (let at = raw.indexOf('"'); at >= 0; at = raw.indexOf('"', at + 1)) {
    const end = stringEnd(raw, at + 1);
    const isName = raw[skipSpace(raw, end + 1)] === ':';
    const text = unescapeJson(raw, at + 1, end).text;
    if (!isName) remember(pass, text, pass.plan.mark(text));
    at = end;
  }
}

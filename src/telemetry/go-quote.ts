/** Text as Go's `%q` writes it: what the reference's log lines are made of (tyk-pump.md, "Log"). */
export function goQuote(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  return `"${text.replace(escapable, escapeOf)}"`;
}

/** A value in a key=value line: bare when every character is harmless, else quoted. */
export const goValue = (text: string): string => (needsQuotes.test(text) ? goQuote(text) : text);

const needsQuotes = /[^A-Za-z0-9\-._/@^+]/;
const needsEscape = /[^\x20-\x7e]|["\\]/;
/** Go prints letters, marks, numbers, punctuation, symbols and the plain space; everything else is escaped. */
const escapable = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

const named = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

function escapeOf(character: string): string {
  const name = named.get(character);
  if (name !== undefined) return name;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`;
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd';
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');

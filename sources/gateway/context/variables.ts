/** Context variables: `$tyk_context.…` of the request, `$tyk_meta.…` of the session. */

/** Looks up a variable by its name without the label; undefined: there is none, and nothing takes its place. */
export interface Variables {
  context(name: string): string | undefined;
  meta(name: string): string | undefined;
}

export type Template = (variables: Variables) => string;

const variable = /\$tyk_(context|meta)\.([\w.-]+)/g;

/** Labels of places that the gateway looks secrets up in; this one has none of them. */
export const hasForeignVariables = (text: string): boolean =>
  /\$secret_(?:conf|env|vault|consul)\./.test(text);

/** A text with variables, taken apart once. */
export function templateOf(text: string): Template {
  const parts = [...text.matchAll(variable)];
  if (parts.length === 0) return () => text;
  return (variables) => {
    let whole = '';
    let end = 0;
    for (const { 0: written, 1: label, 2: name = '', index } of parts) {
      whole +=
        text.slice(end, index) + (variables[label === 'meta' ? 'meta' : 'context'](name) ?? '');
      end = index + written.length;
    }
    return whole + text.slice(end);
  };
}

/** A value of JSON as the gateway writes it into a text: lists by commas, numbers in full; an object as nothing. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return decimals(value);
  if (typeof value === 'boolean') return String(value);
  if (!Array.isArray(value)) return '';
  return value
    .map(shownValue)
    .filter((text) => text !== '')
    .map(queryEscaped)
    .join(',');
}

/** Without an exponent, as Go's format `f`. */
const decimals = (value: number): string =>
  Number.isInteger(value) ? BigInt(value).toString() : String(value);

/** As Go's `url.QueryEscape`; half a character of UTF-16, which JSON can hold, is replaced. */
const queryEscaped = (text: string): string =>
  encodeURIComponent(Buffer.from(text).toString())
    .replace(/[!'()*]/g, escapedCharacter)
    .replaceAll('%20', '+');

const escapedCharacter = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * Takes secrets out of texts that somebody else wrote: a server's answer, a library's error. A server repeats what it was
 * sent in whatever form its answer has, so each secret is looked for in all of them: as it is; with its characters escaped
 * for a URL, for JSON (also twice, and as other languages write it) or for HTML; inside base64 at any of the three
 * alignments, as in `Basic …`; and cut off before an ellipsis.
 */

/** Gives a text without secrets. */
export type Mask = (text: string) => string;

export const masked = '[secret]';

/**
 * A shorter secret would be found in half of all words and is left alone; docs/configuration.md says so. Together with its
 * user (`user:password`) it is usually long enough.
 */
const shortestMasked = 4;
/** A shorter one is masked only where no letter, digit or underscore touches it: `test` is no part of `latest`. */
const shortestInWords = 8;
/** Fewer characters of base64 turn up by chance. */
const shortestBase64 = 5;
/** Of a secret that was cut off, what is taken for its beginning. */
const shortestBeginning = 6;
/** Of a long one cut off, what is compared. */
const longestBeginning = 64;

/** The secrets of a process. Learns them once the configuration is read; its `mask` may be given away before that. */
export class Secrets {
  readonly #patterns = new Map<string, readonly Pattern[]>();
  /** Any of them, so that one look is enough where there is nothing: nearly always. */
  #any = /(?!)/;

  learn(secrets: Iterable<string>): void {
    for (const secret of secrets)
      if (secret.length >= shortestMasked && !this.#patterns.has(secret))
        this.#patterns.set(secret, [...plainPatterns(secret), ...base64Patterns(secret)]);
    const forms = [...this.#patterns.values()].flat().map(({ form }) => form.source);
    if (forms.length > 0) this.#any = new RegExp(forms.join('|'));
  }

  readonly mask: Mask = (text) => {
    if (text.length < shortestMasked || !this.#any.test(text)) return text;
    const spans: Span[] = [];
    for (const patterns of this.#patterns.values())
      for (const { form, isBase64 } of patterns)
        for (const { index, 0: found } of text.matchAll(form)) {
          const span = { start: index, end: index + found.length };
          spans.push(isBase64 ? widened(text, span) : span);
        }
    return spans.length === 0 ? text : withoutSpans(text, spans);
  };
}

interface Pattern {
  readonly form: RegExp;
  readonly isBase64: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

const base64Character = /[\w+/=-]/;

/** With the base64 around it, whose nearest characters hold bits of the secret too. */
function widened(text: string, { start, end }: Span): Span {
  let from = start;
  let to = end;
  while (from > 0 && base64Character.test(text.charAt(from - 1))) from -= 1;
  while (to < text.length && base64Character.test(text.charAt(to))) to += 1;
  return { start: from, end: to };
}

/** Spans may overlap: one secret may begin in another. */
function withoutSpans(text: string, spans: readonly Span[]): string {
  let result = '';
  let at = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (start > at || (start === at && !result.endsWith(masked)))
      result += text.slice(at, start) + masked;
    at = Math.max(at, end);
  }
  return result + text.slice(at);
}

function plainPatterns(secret: string): readonly Pattern[] {
  const units = Array.from(secret, unitPattern);
  const isWordy = secret.length < shortestInWords;
  const whole = units.join('');
  const form = isWordy ? `(?<![A-Za-z0-9_])${whole}(?![A-Za-z0-9_])` : whole;
  return [form, ...beginning(units)].map((each) => ({
    form: new RegExp(each, 'g'),
    isBase64: false,
  }));
}

/** A beginning in front of an ellipsis: what a shortened reason has left of a secret. */
function beginning(units: readonly string[]): readonly string[] {
  if (units.length <= shortestBeginning) return [];
  const further = units.slice(shortestBeginning, longestBeginning);
  const rest = units.length > longestBeginning ? '[^\\s…]*' : '';
  const optional = further.reduceRight((inner, unit) => `(?:${unit}${inner})?`, rest);
  return [`${units.slice(0, shortestBeginning).join('')}${optional}(?=…|\\.\\.\\.)`];
}

/** One character in every form it may have. Letters and digits are never escaped. */
function unitPattern(character: string): string {
  if (/^[A-Za-z0-9]$/.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  const forms = [
    [...Buffer.from(character)].map((byte) => `%(?:25)*${hex(byte, 2)}`).join(''),
    units.map((unit) => `\\\\+u${hex(unit, 4)}`).join(''),
    `&#0*${code};`,
    `&#[xX]0*${hex(code, 1)};`,
    ...(code < 0x100 ? [`\\\\+x${hex(code, 2)}`] : []),
    ...(otherForms.get(character) ?? []),
    // Last, for a "%" also begins its own escape. Escapes of escapes have more backslashes.
    `\\\\*${literal(character)}`,
  ];
  return `(?:${forms.join('|')})`;
}

const otherForms: ReadonlyMap<string, readonly string[]> = new Map([
  [' ', ['\\+']],
  ['\\', ['\\\\+']],
  ['\n', ['\\\\+n']],
  ['\r', ['\\\\+r']],
  ['\t', ['\\\\+t']],
  ['&', ['&amp;']],
  ['<', ['&lt;']],
  ['>', ['&gt;']],
  ['"', ['&quot;']],
  ["'", ['&apos;']],
]);

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** Digits of a number in either case. */
const hex = (number: number, width: number): string =>
  number
    .toString(16)
    .padStart(width, '0')
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);

/** What is sure to stand in the base64 of any text that holds the secret. */
function base64Patterns(secret: string): readonly Pattern[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // Six bits a character: the first and the last may hold bits of what stands beside the secret.
    const core = encoded.slice(
      Math.ceil((before * 8) / 6),
      Math.floor(((before + bytes.length) * 8) / 6),
    );
    if (core.length < shortestBase64) return [];
    const units = Array.from(core, base64Unit);
    return [units.join(''), ...beginning(units)].map((form) => ({
      form: new RegExp(form, 'g'),
      isBase64: true,
    }));
  });
}

const base64Unit = (character: string): string =>
  character === '+'
    ? '(?:[+-]|%2[bB]|\\\\+u002[bB])'
    : character === '/'
      ? '(?:\\\\*/|_|%2[fF])'
      : character;

/** Texts on a terminal: how wide they are, and what they are where it knows ASCII alone. */
import { visible } from '../../lib/visible.ts';

export type Style = 'plain' | 'dim' | 'strong' | 'good' | 'warn' | 'bad' | 'selected';

/** A piece of a line in one style; harmless, whoever wrote it. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}
export type Line = readonly Span[];

export const span = (text: string, style: Style = 'plain'): Span => ({
  text: visible(text),
  style,
});

// Scripts and pictures whose characters take two columns, and marks that take none.
const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const none = /^\p{M}$/u;

const widthOfCharacter = (character: string): number =>
  none.test(character) ? 0 : wide.test(character) ? 2 : 1;

export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** So much of a text as fits; what was cut ends in an ellipsis. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let left = width - 1;
  for (const character of text) {
    left -= widthOfCharacter(character);
    if (left < 0) break;
    kept += character;
  }
  return width < 1 ? '' : `${kept}…`;
}

export function padded(text: string, width: number, at: 'start' | 'end' = 'end'): string {
  const fitting = cut(text, width);
  const room = ' '.repeat(Math.max(0, width - widthOf(fitting)));
  return at === 'end' ? fitting + room : room + fitting;
}

/** A line within so many columns. */
export function fitted(line: Line, width: number): Line {
  let left = width;
  return line.flatMap((each) => {
    if (left <= 0) return [];
    const text = cut(each.text, left);
    left -= widthOf(text);
    return [{ ...each, text }];
  });
}

const stand: Readonly<Record<string, string>> = { '…': '.', '–': '-', '’': "'", '·': '|' };

/** For a terminal that knows no more. */
export const ascii = (text: string): string =>
  text.replace(/[^\u0020-\u007e]/gu, (character) => stand[character] ?? '?');

const heights = { utf8: '▁▂▃▄▅▆▇█', ascii: '._-~=+*#' } as const;

/** The last of these as a line of bars, the highest of them at full height. */
export function sparkline(values: readonly number[], width: number, isUtf8: boolean): string {
  const bars = heights[isUtf8 ? 'utf8' : 'ascii'];
  const shown = values.slice(-width);
  const most = Math.max(...shown, 0);
  return shown
    .map((value) =>
      value <= 0 || most === 0
        ? ' '
        : (bars[Math.min(bars.length - 1, Math.floor((value / most) * bars.length))] ?? ' '),
    )
    .join('')
    .padStart(width);
}

export function bar(share: number, width: number, isUtf8: boolean): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  const [done, open] = isUtf8 ? ['█', '░'] : ['#', '.'];
  return done.repeat(full) + open.repeat(width - full);
}

/** `12 s`, `5 m`, `3 h`, `2 d`. */
export function shortTime(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} m`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function shortCount(value: number): string {
  if (value < 10 && value > 0 && !Number.isInteger(value)) return value.toFixed(1);
  if (value < 10_000) return String(Math.round(value));
  if (value < 10_000_000) return `${Math.round(value / 1000)}k`;
  return `${Math.round(value / 1_000_000)}M`;
}

export function shortBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${Math.round(bytes / 1024)} KiB`;
  return bytes < 1024 ** 3
    ? `${(bytes / 1024 ** 2).toFixed(1)} MiB`
    : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

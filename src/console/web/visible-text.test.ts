import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cut, plainText, stretches } from './visible-text.ts';

it('leaves what can be seen as it is, markup among it', () => {
  const text = '<img src=x onerror=alert(1)> “Zürich” 日本 👩🏽';
  expect(stretches(text)).toEqual([{ kind: 'text', text }]);
});

it('shows what cannot be seen, or would move or colour others', () => {
  expect(plainText('a\u001b[2Jb\u202ec\u0000\nd\u200be\ufeff')).toBe(
    'a\\e[2Jb\\u{202e}c\\0\\nd\\u{200b}e\\u{feff}',
  );
  expect(stretches('\u2066')).toEqual([{ kind: 'hidden', text: '\\u{2066}', name: 'U+2066' }]);
});

it('shows halves of pairs and tags, and leaves whole pairs', () => {
  expect(plainText('\ud83d|😀|\ude00')).toBe('\\u{d83d}|😀|\\u{de00}');
  expect(plainText('\u{e0041}')).toBe('\\u{e0041}');
});

it('leaves nothing that moves others, whatever comes', () => {
  const nasty = fc.constantFrom('\u202e', '\u2067', '\u0007', '\ud800', '<b>', 'x', '\u00ad');
  fc.assert(
    fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' }))), (parts) => {
      const shown = plainText(parts.join(''));
      expect(shown).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
      expect(() => encodeURIComponent(shown)).not.toThrow();
    }),
  );
});

it('cuts a long text, never within a pair', () => {
  expect(cut('abc', 3)).toEqual({ start: 'abc', rest: 0 });
  expect(cut('abcd', 3)).toEqual({ start: 'abc', rest: 1 });
  expect(cut('ab😀d', 3)).toEqual({ start: 'ab', rest: 3 });
});

it('takes a megabyte in its stride', () => {
  const text = '\u202e<b>'.repeat(250_000);
  expect(stretches(cut(text, 300).start).length).toBeLessThanOrEqual(300);
});

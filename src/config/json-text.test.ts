import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeJson } from './json-merge.ts';
import { readJson } from './json-text.ts';

describe('a text that is no JSON', () => {
  test.each([
    ['', 1, 1, 'the end of the file', 'a value'],
    ['{', 1, 2, 'the end of the file', 'a key in double quotes, or "}"'],
    ['{"a": 1,}', 1, 9, '"}"', 'a key in double quotes; no comma may stand before "}"'],
    ['{"a": 1\n "b": 2}', 2, 2, 'a text', '"," before the next key, or "}"'],
    ['{"a": x}', 1, 7, 'a word without quotes', 'a value after ":"'],
    ['{"a": 01}', 1, 8, 'a number', '"," before the next key, or "}"'],
    ['{"a": +1}', 1, 7, 'a number JSON does not know', 'a value after ":"'],
    ['{"a": "unclosed}', 1, 7, 'a text without its closing quote', 'a value after ":"'],
    ['{"a": "b\n"}', 1, 7, 'a text without its closing quote in the line', 'a value after ":"'],
    [
      '{"a": "C:\\dir"}',
      1,
      7,
      'a text with a "\\" that begins no escape (one "\\" is written "\\\\")',
      'a value after ":"',
    ],
    ['{"a": "tab\there"}', 1, 7, 'a text with a control character', 'a value after ":"'],
    ['[1, 2', 1, 6, 'the end of the file', '"," before the next value, or "]"'],
    ['[1, 2}', 1, 6, '"}"', '"," before the next value, or "]"'],
    ['[1,]', 1, 4, '"]"', 'a value; no comma may stand before "]"'],
    ['{a: 1}', 1, 2, 'a word without quotes', 'a key in double quotes, or "}"'],
    ["{'a': 1}", 1, 2, 'a quote that is not "', 'a key in double quotes, or "}"'],
    ['{"a" 1}', 1, 6, 'a number', '":" after the key'],
    ['// comment\n{}', 1, 1, 'a comment, which JSON has none of', 'a value'],
    [
      '{"a": 1, # comment\n}',
      1,
      10,
      'a comment, which JSON has none of',
      'a key in double quotes; no comma may stand before "}"',
    ],
    ['{} {}', 1, 4, '"{"', 'the end of the file'],
    ['{"a": True}', 1, 7, 'a word without quotes', 'a value after ":"'],
    ['{"a": 1};', 1, 9, 'a character that has no meaning here', 'the end of the file'],
    ['['.repeat(300), 1, 202, '"["', 'at most 200 levels of objects and lists'],
  ])('%j says where and why', (text, line, column, found, expected) => {
    expect(readJson(text)).toEqual({ ok: false, problem: { line, column, found, expected } });
  });

  test('is never quoted', () => {
    const reading = readJson('{"password": hunter2, "x": 1}');
    expect(JSON.stringify(reading)).not.toContain('hunter');
  });
});

test('it reads what JSON.parse reads, and the same', () => {
  const parsed = (text: string): unknown => {
    try {
      return { ok: JSON.parse(text) as unknown };
    } catch {
      return 'no JSON';
    }
  };
  const read = (text: string): unknown => {
    const reading = readJson(text);
    return reading.ok ? { ok: mergeJson(reading.node, 'any').value } : 'no JSON';
  };
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', 'x', '0', ':', ' '))
    .map(([text, at, piece]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + piece + text.slice(cut + 1);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      expect(read(text)).toEqual(parsed(text));
    }),
    { numRuns: 2000 },
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSyntaxError } from './json-position.ts';

test.each([
  ['', 1, 1],
  ['{', 1, 2],
  ['{"a": 1,}', 1, 9],
  ['{"a": 1\n "b": 2}', 2, 2],
  ['{"a": x}', 1, 7],
  ['{"a": 01}', 1, 8],
  ['{"a": "unclosed}', 1, 7],
  ['[1, 2', 1, 6],
  ['[1, 2}', 1, 6],
  ['[1,]', 1, 4],
  ['{a: 1}', 1, 2],
  ['{"a" 1}', 1, 6],
  ['// comment\n{}', 1, 1],
  ['{} {}', 1, 4],
  ['this is not JSON', 1, 1],
  ['{"a": "tab\there"}', 1, 7],
])('%j breaks at line %d, column %d', (text, line, column) => {
  expect(findSyntaxError(text)).toEqual({ line, column });
});

test('it agrees with JSON.parse', () => {
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', 'x', '0', ':', ' '))
    .map(([text, at, piece]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + piece + text.slice(cut + 1);
    });
  fc.assert(
    fc.property(fc.oneof(fc.json(), broken), (text) => {
      expect(findSyntaxError(text) === undefined).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});

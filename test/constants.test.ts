import { describe, expect, it } from 'vitest';
import { withConstants } from '../scripts/lib/constants.mjs';

describe('the constants of a bundle', () => {
  it.each([
    ['a value', 'var limit = 5;', 'const limit=5;'],
    ['a function in a value', 'var read = (at) => { var at2 = at; };', undefined],
    ['a pattern', 'var { open, close } = fs;', 'const { open, close }=fs;'],
    ['a table that is filled', 'var table = new Table();\ntable[0] = 1;\ntable.size++;', undefined],
    ['a negated use', 'var isOn = true;\nif (!isOn) stop();', undefined],
  ])('are constants again: %s', (_, code, expected = code.replace(/var (\w+) = /, 'const $1=')) => {
    expect(withConstants(code)).toBe(expected);
    expect(expected).toHaveLength(code.length);
  });

  it.each([
    ['assigned later', 'var last = 0;\nfunction keep(x) { last = x; }'],
    ['assigned where it is missing', 'var last = null;\nfunction keep(x) { last ??= x; }'],
    ['assigned in a pattern', 'var last = 0;\nfunction keep(x) { [{ last }] = x; }'],
    ['counted', 'var count = 0;\nfunction next() { return ++count; }'],
    ['counted afterwards', 'var count = 0;\nfunction next() { return count--; }'],
    ['of a loop', 'var each = 0;\nfunction all(x) { for (each of x) use(each); }'],
    ['declared twice', 'var twice = 0;\nvar twice = 1;'],
    ['without a value', 'var later;'],
    ['two at once', 'var one = 1, two = 2;'],
    ['of a function', 'function f() {\n  var inner = 1;\n}'],
  ])('leave a variable what it is: %s', (_, code) => {
    expect(withConstants(code)).toBe(code);
  });
});

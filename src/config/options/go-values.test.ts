import { describe, expect, test } from 'vitest';
import {
  readGoBool,
  readGoDuration,
  readGoFloat,
  readGoInteger,
  readGoList,
  readGoMap,
} from './go-values.ts';

describe('what Go reads from a text', () => {
  test.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('%s is true', (text) => {
    expect(readGoBool(text)).toEqual({ ok: true, value: true });
  });

  test.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('%s is false', (text) => {
    expect(readGoBool(text)).toEqual({ ok: true, value: false });
  });

  test.each(['', 'yes', 'tRUE', ' true', 'on', '2'])('%j is no bool', (text) => {
    expect(readGoBool(text)).toMatchObject({ ok: false });
  });

  test.each([
    ['0', 0],
    ['-12', -12],
    ['+7', 7],
    ['0x1F', 31],
    ['-0x10', -16],
    ['0o17', 15],
    ['0O17', 15],
    ['017', 15],
    ['0b101', 5],
    ['1_000', 1000],
    ['0x_ff', 255],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('%s is the integer %d', (text, value) => {
    expect(readGoInteger(text)).toEqual({ ok: true, value });
  });

  test.each([
    '',
    ' 1',
    '1 ',
    '1.5',
    '1e3',
    '08',
    '81abc',
    '_1',
    '1_',
    '1__0',
    '0x',
    '9007199254740993',
  ])('%j is no integer', (text) => {
    expect(readGoInteger(text)).toMatchObject({ ok: false });
  });

  test.each([
    ['1', 1],
    ['-0.5', -0.5],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
  ])('%s is the number %d', (text, value) => {
    expect(readGoFloat(text)).toEqual({ ok: true, value });
  });

  test.each(['', 'x', '1,5', '1e', '.'])('%j is no number', (text) => {
    expect(readGoFloat(text)).toMatchObject({ ok: false });
  });

  test.each([
    ['', []],
    ['a', ['a']],
    ['a, b,', ['a', ' b', '']],
  ])('%j is the list %j', (text, list) => {
    expect(readGoList(text)).toEqual(list);
  });

  test.each([
    ['', {}],
    ['a:b', { a: 'b' }],
    ['a:b:c,d:', { a: 'b:c', d: '' }],
    [':x', { '': 'x' }],
  ])('%j is the map %j', (text, value) => {
    expect(readGoMap(text)).toEqual({ ok: true, value });
  });

  test('a map element without a colon is none', () => {
    expect(readGoMap('a:b,c')).toMatchObject({ ok: false });
  });

  test('a map may have a member called __proto__ without harm', () => {
    const reading = readGoMap('__proto__:x');
    expect(reading.ok && Object.getPrototypeOf(reading.value)).toBe(Object.prototype);
  });

  test.each([
    ['0', 0],
    ['250ms', 250],
    ['1.5s', 1500],
    ['1h30m', 5_400_000],
    ['100us', 0.1],
  ])('%s is %d milliseconds', (text, value) => {
    expect(readGoDuration(text)).toEqual({ ok: true, value });
  });

  test.each(['', '5', '5 s', '-1s', 's', '1d'])('%j is no duration', (text) => {
    expect(readGoDuration(text).ok).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { payloadOnOneLine } from './payload.ts';

const through = (text: string): string =>
  Buffer.from(payloadOnOneLine(Buffer.from(text, 'latin1'))).toString('latin1');

describe('a payload on one line', () => {
  it.each([
    ['nothing', ''],
    ['base64 text', 'ZGVjb2RlZA=='],
    ['a blank line without carriage returns', 'a  { "b": 1 }'],
  ])('leaves %s alone', (_, text) => {
    expect(through(text)).toBe(text);
  });

  it.each([
    ['an object', '{"a": 1, "b": [1, 2,  3]}', '{"a":1,"b":[1,2,3]}'],
    ['texts with blanks and quotes', '{ "a b" : "c \\" d" }', '{"a b":"c \\" d"}'],
    ['a bare number', '12 ', '12'],
    [
      'keys and numbers',
      '{"z": 1.0, "a": 12345678901234567890}',
      '{"z":1.0,"a":12345678901234567890}',
    ],
    ['bad UTF-8 inside a text', '["\xff \xa0"]', '["\xff \xa0"]'],
  ])('takes only the white space between tokens from a body with %s', (_, body, expected) => {
    expect(through(`POST /raw HTTP/1.1\r\nHost: a\r\nX-Trace: a\tb\r\n\r\n${body}`)).toBe(
      `POST /raw HTTP/1.1 Host: a X-Trace: ab ${expected}`,
    );
  });

  it.each([
    ['an empty body', '', ' '],
    ['text', 'not json\nsecond\tline', ' not json secondline'],
    ['text with the blank line again', 'multi\r\n\r\nblank', ' multi  blank'],
    ['broken JSON', '{"a": ', ' {"a": '],
  ])('only removes the line ends of a message with %s', (_, body, expected) => {
    expect(through(`GET / HTTP/1.1\r\n\r\n${body}`)).toBe(`GET / HTTP/1.1 ${expected}`);
  });

  it('does not change the bytes it was given', () => {
    const given = Buffer.from('a\r\nb');

    payloadOnOneLine(given);

    expect(given.toString()).toBe('a\r\nb');
  });
});

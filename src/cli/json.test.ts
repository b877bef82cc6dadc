import { expect, it } from 'vitest';
import { verbatim } from '../operate/json.ts';
import { printJson } from './json.ts';

it('is one line whose names are snake_case, but those that strangers gave', () => {
  const lines: string[] = [];
  const found = {
    isOk: true,
    lagSeconds: 1.5,
    deadLetters: [{ route: 'myRoute\u202e', record: verbatim('{"expireAt": {"aB": null}}') }],
    nothing: undefined,
  };
  printJson({ write: (text) => lines.push(text) }, found);

  expect(lines).toEqual([
    '{"is_ok":true,"lag_seconds":1.5,"dead_letters":[{"route":"myRoute\\u202e","record":{"expireAt":{"aB":null}}}]}\n',
  ]);
});

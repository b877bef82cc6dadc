import { describe, expect, it } from 'vitest';
import { hasHost, readHostPattern, shownPattern, specificity } from './host-pattern.ts';

const pattern = (text: string) => {
  const found = readHostPattern(text);
  if (!found.ok) throw new Error(found.expected);
  return found.pattern;
};

describe('readHostPattern', () => {
  it.each([
    ['api.example.com', 'api.example.com'],
    ['API.Example.com.', 'api.example.com'],
    ['*.example.com', '*.example.com'],
    ['*.Bücher.example', '*.xn--bcher-kva.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['billing', 'billing'],
  ])('%s is %s', (text, expected) => expect(shownPattern(pattern(text))).toBe(expected));

  it.each([
    '*',
    '',
    '*.',
    '**.example.com',
    'a.*.example.com',
    '*example.com',
    'https://api.example.com',
    'api.example.com:443',
    'api.example.com/v1',
    '192.0.2.7',
    '[::1]',
    '::1',
    '127.1',
    'a b.example',
    'a..example',
    '.example.com',
  ])('refuses %j', (text) => expect(readHostPattern(text)).toMatchObject({ ok: false }));
});

describe('hasHost', () => {
  it.each([
    ['api.example.com', 'api.example.com', true],
    ['api.example.com', 'v1.api.example.com', false],
    ['api.example.com', 'xapi.example.com', false],
    ['*.example.com', 'api.example.com', true],
    ['*.example.com', 'v1.api.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', '.example.com', false],
    ['*.example.com', 'badexample.com', false],
    ['*.example.com', 'example.com.evil.example', false],
    ['*.com', 'example.com', true],
  ])('%s has %s: %s', (text, host, expected) =>
    expect(hasHost(pattern(text), host)).toBe(expected),
  );
});

it('puts a name before a wildcard, and a longer wildcard before a shorter one', () => {
  const order = ['*.com', 'a.b.c', '*.example.com', '*.api.example.com']
    .map(pattern)
    .sort((one, other) => specificity(other) - specificity(one));
  expect(order.map(shownPattern)).toEqual(['a.b.c', '*.api.example.com', '*.example.com', '*.com']);
});

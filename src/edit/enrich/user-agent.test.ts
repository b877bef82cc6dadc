import { describe, expect, it, test } from 'vitest';
import { createUserAgentReader } from './user-agent.ts';

const read = await createUserAgentReader();
const of = (text: string) => read(Buffer.from(text));
const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('a user agent', () => {
  test.each([
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${webkit} Chrome/120.0.0.0 Safari/537.36`,
      'Chrome',
      'Windows',
      'desktop',
    ],
    [
      `Mozilla/5.0 (Linux; Android 13; SM-S901B) ${webkit} Chrome/112.0.0.0 Mobile Safari/537.36`,
      'Chrome',
      'Android',
      'mobile',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1',
      'Safari',
      'iOS',
      'tablet',
    ],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/119.0',
      'Firefox',
      'Linux',
      'desktop',
    ],
    ['curl/8.4.0', 'curl', '', ''],
    ['Go-http-client/1.1', 'Go-http-client', '', ''],
    ['python-requests/2.31.0', 'python-requests', '', ''],
    ['node-fetch', 'node-fetch', '', ''],
    ['Mozilla/9 (unheard of)', '', '', ''],
    ['<script>/1', '', '', ''],
    ['token abc123/1 (x) y', '', '', ''],
    ['a1b2c3d4', '', '', ''],
    ['', '', '', ''],
  ])('%s is of a family', (text, browser, os, device) => {
    expect(of(text)).toEqual({ browser, os, device });
  });

  test.each([
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Googlebot'],
    ['GPTBot/1.0', 'GPTBot'],
  ])('%s is a bot', (text, browser) => {
    expect(of(text)).toMatchObject({ browser, device: 'bot' });
  });

  it('is the same whenever it is asked for', () => {
    expect(of('curl/8.4.0')).toBe(of('curl/8.4.0'));
  });

  it('is looked at for a kilobyte and no more', () => {
    expect(of(`${' '.repeat(1100)}Firefox/119.0`).browser).toBe('');
    expect(of(`curl/8 ${'x'.repeat(10_000_000)}`).browser).toBe('curl');
  });

  it('may be any bytes', () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(read(Buffer.alloc(1100, byte))).not.toMatchObject({ device: 'bot' });
      expect(read(Buffer.from([byte]))).not.toMatchObject({ device: 'bot' });
    }
  });
});

const fragments = [
  ...['Mozilla/5.0 ', 'Chrome/', '1.1.', '(', ' ', 'Version/', 'a', '/', 'Android ', 'Windows NT '],
  ...['Safari/', 'like ', '_', '/ ', ' (', 'SamsungBrowser/', 'iPhone', '\t', ';'],
];

it('takes no longer for what is made to take long', () => {
  let longest = 0;
  for (const first of fragments) {
    for (const second of fragments) {
      const bytes = Buffer.from((first + second).repeat(600)).subarray(0, 1024);
      const times = [1, 2, 3].map((round) => {
        bytes[1023] = round;
        const start = performance.now();
        read(bytes);
        return performance.now() - start;
      });
      longest = Math.max(longest, Math.min(...times));
    }
  }
  // Milliseconds, on a busy machine; were an expression quadratic, it would be tens of them.
  expect(longest).toBeLessThan(50);
});

import { describe, expect, it } from 'vitest';
import { secretSamples } from './corpus.testing.ts';
import { allPresets, MemoryTexts, redactionOf } from './texts.testing.ts';

/** What begins something again and again, and never ends it. */
const hostile: readonly string[] = [
  ...[
    'eyJ',
    'eyJa',
    'eyJabcdef.',
    'sk-',
    'ghp_',
    'pat_',
    'AKIA',
    'SG.',
    'xoxb-',
    'Bearer ',
    'bearer+',
    'basic ',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----"',
    '-----BEGIN ',
    '-----',
    '://a@',
    '//',
    '@',
    'a@b.',
    'a.b@',
    '1',
    '4 ',
    '1-',
  ],
  ...[
    '"',
    '\\',
    '\\"',
    '\\\\',
    '"\\',
    '{"a":',
    '[',
    '{',
    '"token":',
    '"token":"',
    'token=',
    'token: ',
    'token=',
  ],
  ...[
    "token='",
    '<token>',
    '<token ',
    '<a:token>',
    'name="token"',
    '"token",',
    '%',
    '%41',
    '%25',
    '%2525',
    '&a=',
    '?',
  ],
  ...[
    '\n',
    '\r\n',
    ' ',
    'A: b\r\n',
    'A\r\n',
    ':',
    ';',
    'a;',
    '--b\r\n',
    '=',
    'aB3',
    'aB3/',
    'aB3-',
    '\u0000a',
    'key',
    'pass',
  ],
  ...[
    '\x1f\x8b\x08',
    'x\x9c',
    '[redacted]',
    '[',
    '.',
    'a.',
    '-',
    '_',
    "'",
    '"name":"',
    'Cookie: a=b;',
    '0\r\n',
    '5\r\nabcde\r\n',
  ],
];
const starts: readonly string[] = [
  '',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'GET / HTTP/1.1\r\nCookie: ',
  'HTTP/1.1 200 OK\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\nContent-Type: application/json\r\n\r\n',
];

describe('hostile payloads', async () => {
  const redaction = await redactionOf({
    ...allPresets,
    json: ['**.nothing', 'a[*].b'],
    query: ['nothing'],
    forms: ['nothing'],
    ip: 'truncate',
  });
  const millisFor = (text: string): number => {
    const raw = Buffer.from(text, 'latin1').toString('base64');
    const texts = new MemoryTexts({ raw_request: raw });
    const before = performance.now();
    redaction.redact(texts);
    return performance.now() - before;
  };

  it.each(starts)('take time as their size does: %j', (start) => {
    for (const unit of hostile) millisFor(start + unit.repeat(200));
    for (const unit of hostile) {
      // Quadratic would be minutes for it, and is seconds for a tenth of it.
      const size = 100_000;
      const millis = millisFor(start + unit.repeat(Math.ceil(size / unit.length)));

      expect(millis, JSON.stringify(unit)).toBeLessThan(2_000);
    }
  });

  it('never throws, wherever a payload of the corpus is cut off', () => {
    for (const { fields } of secretSamples().filter((_, index) => index % 9 === 0)) {
      const whole = Buffer.from(new MemoryTexts(fields).get('raw_request'), 'base64');
      for (let end = 0; end < whole.length; end += 29) {
        const raw = whole.subarray(0, end).toString('base64');
        const { reason } = redaction.redact(new MemoryTexts({ raw_request: raw }));

        expect(reason).not.toBe('error');
      }
    }
  });
});

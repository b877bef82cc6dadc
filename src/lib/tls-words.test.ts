import { expect, it } from 'vitest';
import { tlsWords } from './tls-words.ts';

const eproto = (reason: string): Error =>
  Object.assign(
    new Error(
      `write EPROTO 80CC6CA9EB7F0000:error:0A00010B:SSL routines:ssl3_read_bytes:${reason}:../deps/openssl/ssl/record.c:350:\n`,
    ),
    { code: 'EPROTO' },
  );

it.each([
  ['wrong version number', 'it speaks no TLS at this port'],
  ['tlsv13 alert certificate required', 'it wants a client certificate'],
  ['sslv3 alert bad certificate', 'it wants a client certificate'],
  ['tlsv1 alert protocol version', 'no version of TLS is spoken by both sides'],
  ['tlsv1 alert internal error', 'the TLS handshake failed: tlsv1 alert internal error'],
])('says what OpenSSL means by "%s" in its line', (reason, words) => {
  expect(tlsWords(eproto(reason))).toContain(words);
  expect(tlsWords(eproto(reason))).not.toMatch(/routines|\.c:\d|\n/);
});

it('leaves a broken protocol that is not TLS alone', () => {
  const error = Object.assign(new Error('read EPROTO'), { code: 'EPROTO' });
  expect(tlsWords(error)).toBeUndefined();
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientHello } from './client-hello.testing.ts';
import { longestClientHello, readClientHello } from './client-hello.ts';

/** The same message in records of so many bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const message = hello.subarray(5);
  const parts: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    parts.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part);
  }
  return Buffer.concat(parts);
}

const wellKnown = { servername: 'Api.Example.com', ALPNProtocols: ['h2', 'http/1.1'] };

describe('the first message of a TLS client', () => {
  it('says whom the client asks for and what it offers', async () => {
    expect(readClientHello(await clientHello(wellKnown))).toMatchObject({
      kind: 'hello',
      hello: { serverName: 'api.example.com', alpn: ['h2', 'http/1.1'], version: 'TLSv1.3' },
    });
  });

  it('names nobody where the client knows an address alone', async () => {
    const reading = readClientHello(await clientHello({ maxVersion: 'TLSv1.2' }));
    expect(reading).toMatchObject({
      kind: 'hello',
      hello: { serverName: undefined, alpn: [], version: 'TLSv1.2' },
    });
  });

  it.each([1, 2, 3, 4, 7, 64, 200])('is read from records of %i bytes', async (size) => {
    const whole = await clientHello(wellKnown);
    expect(readClientHello(inRecords(whole, size))).toEqual(readClientHello(whole));
  });

  it('is waited for until its last byte is there, and what follows it is not looked at', async () => {
    const whole = await clientHello(wellKnown);
    for (let end = 0; end < whole.length; end++)
      expect(readClientHello(whole.subarray(0, end)).kind, `${end} bytes`).toBe('more');
    expect(readClientHello(Buffer.concat([whole, Buffer.from('anything')])).kind).toBe('hello');
  });

  it.each([
    ['a request of HTTP', 'GET / HTTP/1.1\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['an alert of TLS', '\x15\x03\x01\x00\x02\x02\x28'],
    ['a handshake record of no version of TLS', '\x16\x04\x01\x00\x02\x02\x28'],
    ['an empty record', '\x16\x03\x01\x00\x00'],
  ])('is not taken for one: %s', (_, text) => {
    expect(readClientHello(Buffer.from(text, 'latin1')).kind).toBe('other');
  });

  it('is refused where its lengths lie', async () => {
    const whole = await clientHello(wellKnown);
    const name = whole.indexOf('Api.Example.com');
    // The name's own length, that of the list of names, that of the extension.
    for (const back of [1, 4, 6]) {
      const lying = Buffer.from(whole);
      lying[name - back] = 0xff;
      expect(readClientHello(lying), `${back} bytes before the name`).toMatchObject({
        kind: 'broken',
        words: 'its ClientHello says that it is longer than it is',
      });
    }
  });

  it('is refused where the name could not be one', async () => {
    const whole = await clientHello(wellKnown);
    whole[whole.indexOf('Api.Example.com') + 3] = 0x0a;
    expect(readClientHello(whole)).toMatchObject({
      kind: 'broken',
      words: 'the name that it asks for is no host name',
    });
  });

  it('is refused where it would be longer than any client’s', () => {
    const head = Buffer.from([22, 3, 1, 0x40, 0, 1, 0, (longestClientHello >> 8) + 1, 0]);
    expect(readClientHello(head).kind).toBe('broken');
  });

  it('is refused where another message, or another record, stands in its place', async () => {
    const whole = await clientHello(wellKnown);
    const finished = Buffer.from(whole);
    finished[5] = 20;
    expect(readClientHello(finished).kind).toBe('broken');
    const parted = inRecords(whole, 100);
    parted[105] = 23;
    expect(readClientHello(parted).kind).toBe('broken');
  });

  it('passes over versions and protocols that browsers make up', async () => {
    const whole = await clientHello({ ALPNProtocols: ['\n\n', 'http/1.1'] });
    expect(readClientHello(whole)).toMatchObject({ hello: { alpn: ['http/1.1'] } });
  });

  it('never throws, whatever bytes come', async () => {
    const whole = await clientHello(wellKnown);
    const changed = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(changed, fc.nat(whole.length), (changes, end) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        expect(['hello', 'more', 'other', 'broken']).toContain(
          readClientHello(bytes.subarray(0, end)).kind,
        );
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readClientHello(new Uint8Array([22, 3, 1, 0, 200, 1, 0, 0, 180, ...bytes]));
      }),
      { numRuns: 2000 },
    );
  });
});

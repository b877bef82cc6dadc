/** TLS whose secrets are known: what real clients and servers say is read; whatever cannot be opened stays closed, with its reason. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Frame, flags, pcapng } from './frames.testing.ts';
import { inspect, inspectFile, textOf, type Wishes } from './packets.testing.ts';
import {
  callsOverTls,
  callsWithNewKeys,
  longBody,
  replayed,
  type TlsTalk,
  type TlsWishes,
} from './tls.testing.ts';

const read = (frames: readonly Frame[], wishes: Wishes = {}) => {
  const { exchanges, counters, metrics } = inspect(frames, wishes);
  const outcome = (name: string): number =>
    metrics.of('sluice_capture_packets_decryptions_total', name);
  const calls = exchanges.map(({ request, response, error }) => [
    ...[request.method, request.target, textOf(request.body), response?.status],
    ...[textOf(response?.body), error?.kind],
  ]);
  return { calls, exchanges, counters, outcome, metrics };
};

const whole = [
  ['GET', '/one', '', 200, 'answer to /one', undefined],
  ['GET', '/two', '', 200, 'answer to /two', undefined],
  ['POST', '/long', 'question', 200, longBody, undefined],
];

let talk13: TlsTalk;
let talk12: TlsTalk;
beforeAll(async () => {
  talk13 = await callsOverTls({ version: 'TLSv1.3' });
  talk12 = await callsOverTls({ version: 'TLSv1.2' });
});

describe('TLS with its secrets', () => {
  it.each<[string, TlsWishes]>([
    ['TLS 1.3, AES-128-GCM', { version: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' }],
    ['TLS 1.3, AES-256-GCM', { version: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384' }],
    ['TLS 1.3, ChaCha20', { version: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
    ['TLS 1.3 after a second ClientHello', { version: 'TLSv1.3', groups: 'P-521' }],
    [
      'TLS 1.2, AES-128-GCM',
      { version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256' },
    ],
    [
      'TLS 1.2, AES-256-GCM',
      { version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384' },
    ],
    [
      'TLS 1.2, ChaCha20',
      { version: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305' },
    ],
    ['HTTP/2 over TLS 1.3', { version: 'TLSv1.3', isHttp2: true }],
    ['HTTP/2 over TLS 1.2', { version: 'TLSv1.2', isHttp2: true }],
  ])('is read: %s', async (_, wishes) => {
    const { said, keyLog } = await callsOverTls(wishes);

    const { calls, exchanges, counters, outcome } = read(replayed(said, 443).close().frames, {
      secrets: keyLog,
    });

    expect(calls).toEqual(whole);
    const tls = { version: wishes.version, serverName: 'shop.example' };
    const alpn = wishes.isHttp2 === true ? 'h2' : 'http/1.1';
    expect(exchanges[0]).toMatchObject({ scheme: 'https', tls: { ...tls, alpn } });
    expect(outcome('decrypted')).toBe(1);
    expect(counters.before.ports['443']).toMatchObject({
      ...{ tlsHandshakes: 1, tlsDecrypted: 1, httpRequests: 3, undecrypted: {}, unparsed: 0 },
    });
  });

  it('is read in whatever segments it comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 9000 }), fc.boolean(), (size, isOlder) => {
        const { said, keyLog } = isOlder ? talk12 : talk13;
        const { calls } = read(replayed(said, 443, size).close().frames, { secrets: keyLog });
        expect(calls).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it('is read on where a side changes its keys', async () => {
    const { said, keyLog } = await callsWithNewKeys();

    const { calls, outcome } = read(replayed(said, 443).close().frames, { secrets: keyLog });

    expect(calls.map(([, target, , , answer]) => [target, answer])).toEqual([
      ['/one', 'answer to /one'],
      ['/two', 'answer to /two'],
      ['/long', longBody],
    ]);
    expect([outcome('decrypted'), outcome('damaged')]).toEqual([1, 0]);
  });

  it('is read with the secrets that a pcapng file has in it', () => {
    const { frames } = replayed(talk13.said, 443).close();
    const file = pcapng(
      [{}],
      frames.map((frame) => ({ ...frame, interface: 0 })),
      { secrets: talk13.keyLog },
    );

    const { exchanges, problem } = inspectFile(file);

    expect(problem).toBeUndefined();
    expect(exchanges.map(({ request }) => request.target)).toEqual(['/one', '/two', '/long']);
  });
});

describe('TLS stays closed, with its reason,', () => {
  it('without the secrets of this session', async () => {
    const other = await callsOverTls({ version: 'TLSv1.3' });

    const { calls, outcome, counters } = read(replayed(talk13.said, 443).close().frames, {
      secrets: other.keyLog,
    });

    expect(calls).toEqual([]);
    expect(outcome('no-secrets')).toBe(1);
    expect(counters.before.ports['443']?.undecrypted).toEqual({ 'no-secrets': 1 });
  });

  it('where its secrets may still come, and do not: what is kept for them is bounded', () => {
    const connection = replayed(talk13.said, 443);
    const held: number[] = [];
    for (let at = 0; at < 40; at++) connection.say('server', Buffer.alloc(14_480, at));

    const { calls, outcome, metrics } = read(connection.frames, {
      ...{ secrets: talk12.keyLog, isKeyLogGrowing: true, onHeld: (bytes) => held.push(bytes) },
    });

    expect([calls, outcome('no-secrets')]).toEqual([[], 1]);
    expect(Math.max(...held)).toBeGreaterThan(200 * 1024);
    expect(Math.max(...held)).toBeLessThan(300 * 1024);
    expect(metrics.gauges.get('sluice_capture_packets_held_bytes')).toBe(0);
  });

  it('with half of its secrets', () => {
    const lines = talk13.keyLog.split('\n').filter((line) => !line.startsWith('SERVER_TRAFFIC'));

    const { calls, outcome } = read(replayed(talk13.said, 443).frames, {
      secrets: `${lines.join('\n')}\n`,
    });

    expect([calls, outcome('no-secrets')]).toEqual([[], 1]);
  });

  it('with a suite that is not read', async () => {
    const ciphers = 'ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256';
    const { said, keyLog } = await callsOverTls({ version: 'TLSv1.2', ciphers });

    const { calls, outcome } = read(replayed(said, 443).frames, { secrets: keyLog });

    expect([calls, outcome('suite')]).toEqual([[], 1]);
  });

  it('behind a hole: the call under way is told, and nothing of what comes then', () => {
    const connection = replayed(talk12.said.slice(0, -1), 443);
    const lost = connection.lose('server', 100).wait(200).add('client', flags.ack).wait(200);
    for (const [from, bytes] of talk12.said.slice(-1)) lost.say(from, bytes);

    const { calls, outcome } = read(lost.frames, { secrets: talk12.keyLog });

    expect(calls.slice(0, 2)).toEqual(whole.slice(0, 2));
    expect(calls.slice(2).map((call) => call.at(-1))).toEqual(['unseen']);
    expect(outcome('gap')).toBe(1);
  });

  it('wherever a byte of it is another one: no call says what nobody said', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, by, isOlder) => {
        const { said, keyLog } = isOlder ? talk12 : talk13;
        const damaged = said.map(([from, bytes]) => [from, Buffer.from(bytes)] as const);
        const total = damaged.reduce((sum, [, bytes]) => sum + bytes.length, 0);
        let place = at % total;
        for (const [, bytes] of damaged) {
          if (place < bytes.length) {
            bytes[place] = (bytes[place] as number) ^ by;
            break;
          }
          place -= bytes.length;
        }
        const { calls, metrics } = read(replayed(damaged, 443).close().frames, { secrets: keyLog });
        for (const [index, call] of calls.entries()) {
          expect(call.slice(0, 2)).toEqual(whole[index]?.slice(0, 2));
          if (call.at(-1) === undefined) expect(call).toEqual(whole[index]);
          else
            expect(longBody.startsWith(String(call[4])) || call[4] === whole[index]?.[4]).toBe(
              true,
            );
        }
        expect(metrics.gauges.get('sluice_capture_packets_held_bytes')).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

it('lines that are none are counted, and nothing of them is said', () => {
  const { metrics } = inspect([], {
    secrets: `# a comment\n\nCLIENT_RANDOM 00 11\nnonsense\nEXPORTER_SECRET ${'a'.repeat(64)} ${'b'.repeat(64)}\n`,
  });

  expect(metrics.of('sluice_capture_packets_keylog_refused_total')).toBe(2);
});

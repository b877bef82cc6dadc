import { expect, it } from 'vitest';
import { anExchange } from '../exchange.testing.ts';
import { CallTally } from './call-tally.ts';

const tunnel = (serverName: string) =>
  anExchange({
    isOpaque: true,
    tls: { version: undefined, serverName, alpn: undefined },
    response: null,
  });
const failed = (kind: string) =>
  anExchange({ response: null, error: { kind, words: 'It failed.' } });

it.each<[string, readonly ReturnType<typeof anExchange>[], readonly string[]]>([
  ['nothing', [], ['no-traffic note: No call came in 60 s.']],
  ['calls', [anExchange(), anExchange()], ['seen ok: 2 calls are seen.']],
  [
    'tunnels alone',
    [tunnel('a.example'), tunnel('a.example'), tunnel('b.example')],
    [
      'encrypted problem: 3 connections passed of which nobody could see the inside, and no call: encrypted.',
    ],
  ],
  [
    'tunnels and calls',
    [tunnel('a.example'), anExchange()],
    [
      'mixed note: 1 connections passed of which nobody could see the inside, beside 1 calls.',
      'seen ok: 1 calls are seen.',
    ],
  ],
  [
    'calls without an answer',
    [failed('tls'), failed('tls'), failed('timeout'), anExchange()],
    ['failed problem: 3 of 4 calls had no answer.', 'seen ok: 4 calls are seen.'],
  ],
])('of %s', (_, exchanges, words) => {
  const tally = new CallTally();
  for (const exchange of exchanges) tally.seen(exchange);

  const { verdicts, from, to } = tally.take(1000, 61_000);

  expect([from, to]).toEqual([1000, 61_000]);
  expect(verdicts.map((each) => `${each.kind} ${each.severity}: ${each.words}`)).toEqual(words);
  expect(tally.take(0, 60_000).verdicts[0]?.kind).toBe('no-traffic');
});

it('tells of clients that were turned away before they asked for anything', () => {
  const tally = new CallTally();
  tally.seen(anExchange());
  tally.turnedAway('tls-on-plain-port');
  tally.turnedAway('tls-on-plain-port');
  tally.turnedAway('plain-on-tls-port');
  expect(tally.isEmpty).toBe(false);

  const { verdicts, counters } = tally.take(0, 60_000);

  expect(verdicts.map((each) => `${each.kind} ${each.severity}: ${each.words}`)).toEqual([
    'tls-on-plain-port problem: 2 connections began with TLS, at a port that speaks plain HTTP.',
    'plain-on-tls-port problem: 1 connections spoke plain HTTP, at a port that speaks TLS.',
    'seen ok: 1 calls are seen.',
  ]);
  expect(counters).toMatchObject({
    turned_away: { 'tls-on-plain-port': 2, 'plain-on-tls-port': 1 },
  });
  expect(tally.isEmpty).toBe(true);
});

it('names hosts and errors, those that come most often first, and not more than there is room for', () => {
  const tally = new CallTally();
  for (let at = 0; at < 300; at++) tally.seen(tunnel(`h${at}.example`));
  for (const kind of ['tls', 'timeout', 'tls']) tally.seen(failed(kind));

  const { verdicts, counters } = tally.take(0, 1);

  expect(verdicts[0]?.evidence[0]).toBe('other (200)');
  expect(verdicts[1]?.evidence).toEqual(['tls (2)', 'timeout (1)']);
  const { opaque_hosts: hosts } = counters as { readonly opaque_hosts: object };
  expect(Object.keys(hosts)).toHaveLength(101);
});

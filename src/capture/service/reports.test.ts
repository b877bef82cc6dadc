import { expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { anExchange } from '../exchange.testing.ts';
import { Reports } from './reports.ts';

interface Page {
  readonly sources: readonly {
    readonly name: string;
    readonly reports: readonly { readonly verdicts: readonly { readonly words: string }[] }[];
  }[];
}

it('has reports of a source from the reload on that adds it, and none any more of one that is gone', async () => {
  const clock = new FakeClock();
  const reports = new Reports({ life: 'life', redis: undefined, clock, log: memoryLog() });
  const stop = new AbortController();
  let names = ['first'];
  const running = reports.run(() => names, stop.signal);
  const told = (): unknown =>
    (reports.page as Page).sources.map((source) => [
      source.name,
      source.reports.map(({ verdicts }) => verdicts[0]?.words),
    ]);

  reports.seen(anExchange(), 'first');
  reports.seen(anExchange(), 'counts for itself');
  await clock.advance(60_000);
  expect(told()).toEqual([['first', ['1 calls are seen.']]]);

  names = ['first', 'added', 'silent'];
  reports.seen(anExchange(), 'added');
  reports.turnedAway('tls-on-plain-port', 'silent');
  await clock.advance(60_000);
  names = ['added'];
  // A call of one that is gone, which had been under way.
  reports.seen(anExchange(), 'first');
  await clock.advance(120_000);

  expect(told()).toEqual([
    ['first', ['1 calls are seen.', 'No call came in 60 s.', '1 calls are seen.']],
    ['added', ['No call came in 60 s.', 'No call came in 60 s.', '1 calls are seen.']],
    ['silent', ['1 connections began with TLS, at a port that speaks plain HTTP.']],
  ]);
  stop.abort();
  await running;
});

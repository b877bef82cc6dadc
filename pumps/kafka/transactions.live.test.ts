import { describe, expect, it } from 'vitest';
import type { Verdict } from '#pump';
import { aBatch, failureOf, outcomesOf } from '#pump/testing';
import { until } from '../../test/services/process.ts';
import { aLiveBroker, delivered, idsOf, obstacle, openSink, signal } from './live.testing.ts';

describe.skipIf(obstacle !== undefined)('transactions', () => {
  const live = aLiveBroker();

  it('shows all of a transaction or nothing', async () => {
    const topic = await live.aTopic({ 'max.message.bytes': '3000' });
    const meta = {
      ...live.plainMeta(topic.name),
      transactional_id: topic.name,
      partition_by: 'api_id',
    };
    const apis = (at: number) => ({ api_id: `api-${at}` });
    const good = [aBatch(5, apis), aBatch(6, apis), aBatch(7, apis)] as const;
    const bad = aBatch(5, (at) => ({
      ...apis(at),
      raw_request: at === 4 ? 'x'.repeat(5000) : '',
    }));
    const sink = await openSink(meta);
    const first = aBatch(4, apis);
    await until('the broker keeps transactions', async () => {
      const { verdicts } = await sink.deliver(first, signal());
      return verdicts.every(({ outcome }) => outcome === 'delivered');
    });

    const refused = (await sink.deliver(bad, signal())).verdicts;
    const verdicts: Verdict[] = [];
    for (const batch of good) verdicts.push(...(await sink.deliver(batch, signal())).verdicts);
    await sink.close(signal());

    expect(refused.map((verdict) => failureOf(verdict).kind)).toEqual(
      refused.map(() => 'oversize'),
    );
    expect(outcomesOf(verdicts)).toEqual(delivered(18));
    const ids = idsOf(first, ...good);
    await topic.follow();
    await until('the good ones are read', () => topic.seen.length >= ids.length);
    expect(topic.seen.map(({ headers }) => headers['sluice-id']).toSorted()).toEqual(ids);
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import { aBatch, outcomesOf } from '#pump/testing';
import type { KafkaBroker } from '../../test/services/kafka.ts';
import { until } from '../../test/services/process.ts';
import {
  aLiveBroker,
  delivered,
  idsOf,
  obstacle,
  openSink,
  proxiedMeta,
  proxyFor,
  signal,
} from './live.testing.ts';
import type { Proxy } from './proxy.testing.ts';
import { Topic } from './topic.testing.ts';

describe.skipIf(obstacle !== undefined)('when something breaks', () => {
  const live = aLiveBroker();

  it('stores a batch once when its answer is lost', async () => {
    const topic = await live.aTopic();
    await withProxy(live.broker(), async (proxy) => {
      const sink = await openSink({ ...proxiedMeta(live.broker()), topic: topic.name });
      const batches = [aBatch(5), aBatch(5), aBatch(5)] as const;

      const verdicts = [...(await sink.deliver(batches[0], signal())).verdicts];
      proxy.answersToLose = 1;
      verdicts.push(...(await sink.deliver(batches[1], signal())).verdicts);
      verdicts.push(...(await sink.deliver(batches[2], signal())).verdicts);
      await sink.close(signal());

      expect(outcomesOf(verdicts)).toEqual(delivered(15));
      expect(await topic.ids()).toEqual(idsOf(...batches));
    });
  });

  it('never takes a batch for a repeat of another one whose answers are all lost', async () => {
    // One partition, or the batches would not meet.
    const topic = await live.aTopic();
    const sameApi = { api_id: 'api' };
    await withProxy(live.broker(), async (proxy) => {
      const meta = { ...proxiedMeta(live.broker()), topic: topic.name, partition_by: 'api_id' };
      const sink = await openSink(meta);
      const lost = aBatch(5, sameApi);
      const other = aBatch(5, sameApi);

      await sink.deliver(aBatch(5, sameApi), signal());
      proxy.answersToLose = 2;
      const first = (await sink.deliver(lost, signal())).verdicts;
      const second = (await sink.deliver(other, signal())).verdicts;
      const again = (await sink.deliver(lost, signal())).verdicts;
      await sink.close(signal());

      expect(new Set(outcomesOf(first))).toEqual(new Set(['retry']));
      expect(outcomesOf([...second, ...again])).toEqual(delivered(10));
      expect(await topic.ids()).toEqual(expect.arrayContaining(idsOf(lost, other)));
    });
  });

  it('goes on after the broker was restarted, at the first attempt', async () => {
    const topic = await live.aTopic();
    const sink = await openSink(live.plainMeta(topic.name));
    const batches = [aBatch(5), aBatch(5)] as const;

    const verdicts = [...(await sink.deliver(batches[0], signal())).verdicts];
    await live.broker().end();
    await live.broker().start();
    // The connection is gone, and nobody asked anything meanwhile: nothing is in doubt.
    verdicts.push(...(await sink.deliver(batches[1], signal())).verdicts);
    await sink.close(signal());

    expect(outcomesOf(verdicts)).toEqual(delivered(10));
    const after = live.keep(await Topic.open(live.broker().plaintext, topic.name));
    expect(await after.ids()).toEqual(idsOf(...batches));
  });

  it('loses nothing when the broker is killed under load and comes back', async () => {
    const topic = await live.aTopic();
    const sink = await openSink({
      ...live.plainMeta(topic.name),
      timeout: 2,
    });
    const all: Batch[] = [];
    let isBack = false;
    let retries = 0;

    const lane = async (): Promise<void> => {
      for (let after = 0; after < 20; after += isBack ? 1 : 0) {
        const batch = aBatch(20);
        all.push(batch);
        for (;;) {
          const { verdicts } = await sink.deliver(batch, signal(5_000));
          if (verdicts.every(({ outcome }) => outcome === 'delivered')) break;
          retries += 1;
          await delay(50);
        }
      }
    };
    const lanes = Promise.all([lane(), lane(), lane(), lane()]);
    await until('there is load', () => all.length > 40);
    await live.broker().kill9();
    await delay(500);
    await live.broker().start();
    isBack = true;
    await lanes;
    await sink.close(signal());

    expect(retries).toBeGreaterThan(0);
    const after = await Topic.open(live.broker().plaintext, topic.name);
    live.keep(after);
    const stored = new Set(await after.ids());
    expect(idsOf(...all).filter((id) => !stored.has(id))).toEqual([]);
  });
});

async function withProxy(
  broker: KafkaBroker,
  work: (proxy: Proxy) => Promise<void>,
): Promise<void> {
  const proxy = proxyFor(broker);
  await proxy.open();
  try {
    await work(proxy);
  } finally {
    await proxy.close();
  }
}

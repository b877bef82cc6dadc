import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Batch, type Entry } from '#pump';
import { aBatch, outcomesOf } from '#pump/testing';
import type { KafkaBroker } from '../../test/services/kafka.ts';
import { until } from '../../test/services/process.ts';
import {
  aLiveBroker,
  delivered,
  idsOf,
  obstacle,
  openSink,
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
      const sink = await openSink({ ...live.proxiedMeta(), topic: topic.name });
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
      const meta = { ...live.proxiedMeta(), topic: topic.name, partition_by: 'api_id' };
      const sink = await openSink(meta);
      const lost = aBatch(5, sameApi);
      const other = aBatch(5, sameApi);

      await sink.deliver(aBatch(5, sameApi), signal());
      // More than there will be attempts: it is given up.
      proxy.answersToLose = 1_000;
      const first = (await sink.deliver(lost, signal(1_000))).verdicts;
      proxy.answersToLose = 0;
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

  it('stores a batch once that a broker had stored, not answered, when it was killed', async () => {
    const topic = await live.aTopic();
    await withProxy(live.broker(), async (proxy) => {
      const sink = await openSink({ ...live.proxiedMeta(), topic: topic.name, timeout: 2 });
      const batches = [aBatch(5), aBatch(5), aBatch(5)] as const;
      const verdicts = [...(await sink.deliver(batches[0], signal())).verdicts];
      await topic.follow();

      proxy.isMute = true;
      const sending = sink.deliver(batches[1], signal(60_000));
      await until('it is stored', () => topic.seen.length === 10);
      await live.broker().kill9();
      proxy.isMute = false;
      await delay(500);
      await live.broker().start();
      verdicts.push(...(await sending).verdicts);
      verdicts.push(...(await sink.deliver(batches[2], signal())).verdicts);
      await sink.close(signal());

      expect(outcomesOf(verdicts)).toEqual(delivered(15));
      const after = live.keep(await Topic.open(live.broker().plaintext, topic.name));
      expect(await after.ids()).toEqual(idsOf(...batches));
    });
  });

  it('stores everything once when the broker is killed under load and comes back', async () => {
    const topic = await live.aTopic();
    const sink = await openSink({
      ...live.plainMeta(topic.name),
      timeout: 2,
    });
    const all: Batch[] = [];
    let isBack = false;

    const lane = async (): Promise<void> => {
      for (let after = 0; after < 20; after += isBack ? 1 : 0) {
        const batch = aBatch(20);
        all.push(batch);
        for (;;) {
          const { verdicts } = await sink.deliver(batch, signal(60_000));
          if (verdicts.every(({ outcome }) => outcome === 'delivered')) break;
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

    const after = await Topic.open(live.broker().plaintext, topic.name);
    live.keep(after);
    expect(await after.ids()).toEqual(idsOf(...all));
  });
});

describe.skipIf(obstacle !== undefined)('when something breaks, with client kafkajs', () => {
  const live = aLiveBroker({ client: 'kafkajs' });

  it('loses nothing when answers are cut, over and over, under load', async () => {
    const topic = await live.aTopic();
    await withProxy(live.broker(), async (proxy) => {
      const meta = { ...live.proxiedMeta(), topic: topic.name, partition_by: 'api_id' };
      const sink = await openSink(meta);
      const all: Batch[] = [];
      let cuts = 0;

      // Several at once to each partition: where a sequence is taken back, the next one is dropped.
      const lane = async (): Promise<void> => {
        while (cuts < 8) {
          const batch = aBatch(20, (at) => ({ api_id: `api-${at}` }));
          all.push(batch);
          let open: readonly Entry[] = batch.entries;
          while (open.length > 0) {
            const { verdicts } = await sink.deliver(Batch.of(open), signal());
            open = open.filter((_, at) => verdicts[at]?.outcome !== 'delivered');
            if (open.length > 0) await delay(20);
          }
        }
      };
      const lanes = Promise.all([lane(), lane(), lane(), lane()]);
      for (; cuts < 8; cuts++) {
        const before = all.length;
        proxy.answersToLose = 1;
        await until('an answer is lost', () => proxy.answersToLose === 0);
        await until('there is load again', () => all.length > before + 8);
      }
      await lanes;
      await sink.close(signal());

      const stored = new Set(await topic.ids());
      expect(idsOf(...all).filter((id) => !stored.has(id))).toEqual([]);
    });
  });

  it('loses nothing when the broker is killed and comes back', async () => {
    const topic = await live.aTopic();
    const sink = await openSink({ ...live.plainMeta(topic.name), timeout: 2 });
    const batches = [aBatch(20), aBatch(20), aBatch(20)];
    const verdicts = outcomesOf((await sink.deliver(aBatch(1), signal())).verdicts);

    const sending = batches.map(async (batch) => {
      for (;;) {
        const answer = await sink.deliver(batch, signal());
        if (answer.verdicts.every(({ outcome }) => outcome === 'delivered')) return;
        await delay(100);
      }
    });
    await live.broker().kill9();
    await live.broker().start();
    await Promise.all(sending);
    await sink.close(signal());

    expect(verdicts).toEqual(['delivered']);
    const after = live.keep(await Topic.open(live.broker().plaintext, topic.name));
    const stored = new Set(await after.ids());
    expect(idsOf(...batches).filter((id) => !stored.has(id))).toEqual([]);
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

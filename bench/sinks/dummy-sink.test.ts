import { expect, it } from 'vitest';
import { dummySink } from './dummy-sink.ts';

/** A pump without books, of which only the list and the processor are seen. */
async function aRun() {
  const seen = { waiting: 10, cpu: 0, now: 0 };
  const redis = {
    hget: () => Promise.resolve(null),
    llen: () => Promise.resolve(seen.waiting),
  };
  const sink = dummySink(
    redis,
    () => undefined,
    () => seen.now,
  );
  const folder = { folder: '', stdout: '' };
  await sink.begin({ records: 10, encoding: 'msgpack', ...folder, pumpCpu: () => seen.cpu });
  const lostAfter = async (change: Partial<typeof seen>): Promise<number> => {
    Object.assign(seen, change);
    return (await sink.look()).lost;
  };
  return lostAfter;
}

it('takes a pump without books to be done when its list is empty and its process rests', async () => {
  const lostAfter = await aRun();

  expect(await lostAfter({})).toBeGreaterThan(0);
  expect(await lostAfter({ waiting: 0, cpu: 1, now: 100 })).toBe(1);
  expect(await lostAfter({ cpu: 2, now: 1_500 })).toBe(1);
  expect(await lostAfter({ now: 2_900 })).toBe(1);
  expect(await lostAfter({ now: 3_100 })).toBe(0);
});

it('counts nothing as lost again for what a process does after its rest', async () => {
  const lostAfter = await aRun();
  await lostAfter({ waiting: 0, cpu: 1, now: 100 });

  expect(await lostAfter({ now: 2_000 })).toBe(0);
  expect(await lostAfter({ cpu: 1.5, now: 2_100 })).toBe(0);
});

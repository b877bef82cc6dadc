import { expect, it } from 'vitest';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { bytes, mebibytes, millis } from '../../lib/units.ts';
import { type Grants, localGrants, type Rate } from './rate.ts';
import { Throttle } from './throttle.ts';

const limits = { records: 5000, bytes: mebibytes(8), age: millis(1000), inFlight: 4 };
const perSecond = (records?: number, size?: number): Rate => ({ records, bytes: size });

/** Sends batches of so many records of 100 bytes whenever it may. */
function sender(clock: FakeClock, grants: Grants, rate: Rate | undefined, age = limits.age) {
  const sent = { records: 0, batches: 0, waits: 0 };
  const go = (): void => {
    while (throttle.isOpen && sent.batches < 100_000) {
      const records = Math.min(
        throttle.limits.records,
        Math.floor(throttle.limits.bytes / 100) || 1,
      );
      sent.records += records;
      sent.batches += 1;
      throttle.spend(records, records * 100);
      if (!throttle.isLimited) return;
    }
  };
  const throttle = new Throttle({
    limits: { ...limits, age },
    grants,
    clock,
    onOpen: () => go(),
    onWait: () => {
      sent.waits += 1;
    },
  });
  throttle.set(rate);
  return { sent, throttle };
}

async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let at = 0; at < seconds * 40; at++) await clock.advance(millis(25));
}

it.each([
  ['records', perSecond(500), 500],
  ['bytes', perSecond(undefined, 20_000), 200],
  ['both, by the lower', perSecond(300, 20_000), 200],
  ['one record', perSecond(1), 1],
])('several hold a rate of %s together', async (_, rate, expected) => {
  const clock = new FakeClock();
  const grants = localGrants(clock);
  const senders = [1, 2, 3].map(() => sender(clock, grants, rate));
  await pass(clock, 60);
  const records = senders.reduce((sum, { sent }) => sum + sent.records, 0);
  expect(records / 60).toBeGreaterThan(expected * 0.95);
  expect(records / 60).toBeLessThan(expected * 1.05);
  for (const { sent } of senders) expect(sent.waits).toBeGreaterThan(0);
});

it('batches become small, but for a pump whose batches gather for long', () => {
  const clock = new FakeClock();
  const grants = localGrants(clock);
  expect(sender(clock, grants, perSecond(500)).throttle.limits).toMatchObject({ records: 50 });
  expect(sender(clock, grants, perSecond(500), millis(10_000)).throttle.limits).toMatchObject({
    records: 5000,
    bytes: limits.bytes,
  });
  expect(sender(clock, grants, perSecond(undefined, 1000)).throttle.limits).toMatchObject({
    records: 5000,
    bytes: bytes(100),
  });
});

it('nothing is asked for where there is no rate, or none any more', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const grants: Grants = (rate, wanted) => {
    asked += 1;
    return localGrants(clock)(rate, wanted);
  };
  const { throttle } = sender(clock, grants, undefined);
  await pass(clock, 5);
  expect([asked, throttle.isOpen, throttle.isLimited]).toEqual([0, true, false]);
  throttle.set(perSecond(10));
  await pass(clock, 1);
  expect(throttle.isOpen).toBe(false);
  throttle.set(perSecond());
  const before = asked;
  await pass(clock, 5);
  expect([asked, throttle.isOpen, throttle.limits]).toEqual([before, true, limits]);
});

it('nothing may begin while nobody answers for the rate, and it goes on then', async () => {
  const clock = new FakeClock();
  let isAway = true;
  const shared = localGrants(clock);
  const { sent } = sender(
    clock,
    (rate, wanted) => (isAway ? Promise.reject(new Error('away')) : shared(rate, wanted)),
    perSecond(100),
  );
  await pass(clock, 10);
  expect(sent.records).toBe(0);
  isAway = false;
  await pass(clock, 10);
  expect(sent.records).toBeGreaterThan(850);
  // What nobody could ask for meanwhile is not made up for, but for a moment.
  expect(sent.records).toBeLessThan(1100);
});

it('asks no more once it has ended', async () => {
  const clock = new FakeClock();
  const { sent, throttle } = sender(clock, localGrants(clock), perSecond(100));
  await pass(clock, 1);
  throttle.end();
  const { records } = sent;
  await pass(clock, 5);
  expect(sent.records).toBe(records);
});

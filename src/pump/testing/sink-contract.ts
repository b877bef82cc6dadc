import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Batch } from '../batch.ts';
import type { Verdict } from '../verdict.ts';
import { outcomesOf } from './delivering.ts';
import type { SinkHarness, Unknowable } from './harness.ts';
import { heldResources, leftBehind, overhear } from './process-state.ts';
import { aMarkedBatch, copiesAt, promptly, Subject, settled } from './subject.ts';

/**
 * What every sink owes, as tests. A pump's contract test gives it a destination (`start`); what a destination cannot
 * do is declared in the harness, shows as a skipped test with the reason, and stands in the pump's README.
 */
export function sinkContract(name: string, start: () => Promise<SinkHarness>): void {
  describe(`the sink of ${name}`, () => {
    let harness: SinkHarness;
    let sink: Subject;
    const cannotKnow = (what: Unknowable): boolean => harness.cannotKnow?.includes(what) ?? false;
    const noPoison = 'this destination refuses no record for its own sake';
    const divisible = expect.stringMatching(/^(invalid|oversize)$/) as string;
    const noOutage = 'a missing destination is not noticed by this protocol';

    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.stop());
    beforeEach(async () => {
      sink = await Subject.open(harness);
    });
    afterEach(async () => {
      await harness.restore();
      await sink.close();
    });

    it.each([1, 2, 250])('delivers %i records, each of them once', async (size) => {
      const { batch, paths } = aMarkedBatch(Math.min(size, harness.pump.limits.records));

      const verdicts = await sink.deliver(batch);

      expect(outcomesOf(verdicts)).toEqual(paths.map(() => 'delivered'));
      if (!cannotKnow('receipt'))
        expect(await copiesAt(harness, paths)).toEqual(paths.map(() => 1));
    });

    it('takes as many and as large batches at once as its limits say', async () => {
      const { records, bytes, inFlight, age } = harness.pump.limits;
      expect(Math.min(records, bytes, inFlight)).toBeGreaterThanOrEqual(1);
      expect(age).toBeGreaterThanOrEqual(0);
      const marked = Array.from({ length: inFlight }, (_, index) =>
        aMarkedBatch(index === 0 ? fullBatch(records, bytes) : Math.min(records, 20)),
      );

      const answers = await Promise.all(marked.map(({ batch }) => sink.deliver(batch)));

      expect(new Set(outcomesOf(answers.flat()))).toEqual(new Set(['delivered']));
      const paths = marked.flatMap((one) => one.paths);
      if (!cannotKnow('receipt'))
        expect(await copiesAt(harness, paths)).toEqual(paths.map(() => 1));
    });

    it('settles at once when aborted before, and claims nothing that did not happen', async () => {
      const { batch, paths } = aMarkedBatch(3);

      const result = await settled(sink.deliver(batch, AbortSignal.abort()));

      await expectHonest(result, paths);
    });

    it('settles at once when aborted on the way, and claims nothing that did not happen', async () => {
      const { batch, paths } = aMarkedBatch(3);
      const abort = new AbortController();
      const delivery = sink.deliver(batch, abort.signal);
      delivery.catch(() => undefined);
      await new Promise(setImmediate);

      abort.abort();

      await expectHonest(await settled(delivery), paths);
    });

    it('settles at once when aborted while the destination hangs', async ({ skip }) => {
      if (harness.stall === undefined) return skip('this destination cannot hang');
      const { batch } = aMarkedBatch(3);
      await harness.stall();
      const abort = new AbortController();
      const delivery = sink.deliver(batch, abort.signal);
      delivery.catch(() => undefined);
      await Promise.race([delivery.catch(() => undefined), pause(50)]);

      abort.abort();

      const result = await settled(delivery);
      if (result.status === 'fulfilled')
        expect(outcomesOf(result.value)).not.toContain('delivered');
    });

    it('settles a check at once when aborted', async () => {
      await harness.stall?.();

      const result = await settled(sink.check(AbortSignal.abort()));

      expect(['fulfilled', 'rejected']).toContain(result.status);
    });

    it('answers retry while the destination is gone, and works again when it is back', async ({
      skip,
    }) => {
      if (cannotKnow('outage')) return skip(noOutage);
      const { batch, paths } = aMarkedBatch(3);
      await harness.break();

      const whileGone = await sink.deliver(batch);
      await harness.restore();
      const whenBack = await sink.deliver(batch);

      expect(outcomesOf(whileGone)).toEqual(['retry', 'retry', 'retry']);
      expect(outcomesOf(whenBack)).toEqual(['delivered', 'delivered', 'delivered']);
      if (cannotKnow('receipt')) return;
      expect(await copiesAt(harness, paths)).toEqual([1, 1, 1]);
    });

    it('tells up from down', async ({ skip }) => {
      if (cannotKnow('outage')) return skip(noOutage);
      let before = await sink.check();
      if (before.state === 'unknown') {
        // Some can tell only once something was delivered.
        await sink.deliver(aMarkedBatch(1).batch);
        before = await sink.check();
      }
      await harness.break();
      const whileGone = await sink.check();
      await harness.restore();
      const after = await sink.check();

      expect([before.state, whileGone.state, after.state]).toEqual(['up', 'down', 'up']);
    });

    it('opens, or fails to, without waiting for a destination that is gone', async () => {
      await harness.break();
      const opening = await settled(Subject.open(harness, AbortSignal.timeout(promptly / 2)));
      if (opening.status === 'fulfilled') await opening.value.close();
      await harness.restore();

      const again = await Subject.open(harness);

      const { batch } = aMarkedBatch(1);
      expect(outcomesOf(await again.deliver(batch))).toEqual(['delivered']);
      await again.close();
    });

    it('rejects a poisoned record alone', async ({ skip }) => {
      const { poison } = harness;
      if (poison === undefined) return skip(noPoison);
      if (harness.refuses === 'request') return skip('this destination refuses whole requests');
      const { batch, paths } = aMarkedBatch(3, (index) => (index === 1 ? poison : {}));

      const verdicts = await sink.deliver(batch);

      expect(outcomesOf(verdicts)).toEqual(['delivered', 'reject', 'delivered']);
      if (!cannotKnow('receipt')) expect(await copiesAt(harness, paths)).toEqual([1, 0, 1]);
    });

    it('says of the request what was refused as one, and of the poisoned record when it is alone', async ({
      skip,
    }) => {
      const { poison } = harness;
      if (poison === undefined) return skip(noPoison);
      if (harness.refuses !== 'request') return skip('this destination names the record');
      const { batch, paths } = aMarkedBatch(3, (index) => (index === 1 ? poison : {}));

      const together = await sink.answer(batch);
      const alone: Verdict[] = [];
      for (const entry of batch) alone.push(...(await sink.deliver(Batch.of([entry]))));

      // The courier halves what is said of a request, and nothing else.
      expect(together.ofRequest).toMatchObject({ failure: { kind: divisible } });
      expect(outcomesOf(alone)).toEqual(['delivered', 'reject', 'delivered']);
      if (!cannotKnow('receipt')) expect(await copiesAt(harness, paths)).toEqual([1, 0, 1]);
    });

    it('leaves the batch and its records as they were', async () => {
      const { batch } = aMarkedBatch(20);
      for (const entry of batch) Object.freeze(entry);
      Object.freeze(batch.entries);
      const before = batch.entries.map(({ record }) => Buffer.from(record.bytes));

      await sink.deliver(batch);

      expect(batch.entries.map(({ record }) => Buffer.from(record.bytes))).toEqual(before);
    });

    it('closes twice and leaves no timer, socket or file behind', async () => {
      await lifetime(harness);
      const before = heldResources();

      // More than once: the test runner's own timers come and go, and one of them must not hide a leak.
      for (let life = 0; life < 5; life++) await lifetime(harness);

      expect(await leftBehind(before)).toEqual([]);
    });

    it('shows no secret in its log, its verdicts, its health or its output', async ({ skip }) => {
      const secrets = harness.secrets ?? [];
      if (secrets.length === 0) return skip('this configuration has no secrets');
      const overheard = overhear();
      await sink.check();
      await sink.deliver(aMarkedBatch(2).batch);
      await harness.break();
      await Promise.allSettled([sink.check(), sink.deliver(aMarkedBatch(2).batch)]);
      const said = overheard.stop() + sink.words();

      expect(secrets.filter((secret) => said.includes(secret))).toEqual([]);
    });

    /** A rejection claims nothing; a claim of delivery must be true. */
    async function expectHonest(
      result: PromiseSettledResult<Awaited<ReturnType<Subject['deliver']>>>,
      paths: readonly string[],
    ): Promise<void> {
      if (result.status === 'rejected' || cannotKnow('receipt')) return;
      const copies = await copiesAt(harness, paths);
      const lies = result.value.filter(
        ({ outcome }, index) => outcome === 'delivered' && copies[index] === 0,
      );
      expect(lies).toEqual([]);
      expect(outcomesOf(result.value)).not.toContain('reject');
    }
  });
}

/** A whole life of a sink: what remains afterwards is a leak. */
async function lifetime(harness: SinkHarness): Promise<void> {
  const sink = await Subject.open(harness);
  await sink.deliver(aMarkedBatch(5).batch);
  await sink.check();
  await sink.close();
  await sink.close();
}

/** As many records as a full batch may have; few thousand prove as much as a hundred thousand. */
function fullBatch(records: number, bytes: number): number {
  const typicalRecord = 1_000;
  return Math.max(1, Math.min(records, 2_000, Math.floor(bytes / typicalRecord)));
}

const pause = (duration: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, duration);
  });

import assert from 'node:assert/strict';
import { Batch } from '../batch.ts';
import type { Verdict } from '../verdict.ts';
import type { BatchOverrides } from './builders.ts';
import { outcomesOf } from './delivering.ts';
import type { SinkHarness, Unknowable } from './harness.ts';
import { heldResources, leftBehind, overhear } from './process-state.ts';
import { aMarkedBatch, copiesAt, promptly, Subject, settled } from './subject.ts';
import type { TestRunner } from './test-runner.ts';

/** Says so and goes on: the caller leaves the test. */
type Skip = (reason: string) => void;

/**
 * What every sink owes, as tests. A pump's contract test gives it a destination (`start`); what a destination cannot
 * do is declared in the harness, shows as a skipped test with the reason, and stands in the pump's README. The runner is
 * given, so that a pump from outside the tree needs no other than its own.
 */
export function sinkContract(
  { describe, it: test, beforeAll, afterAll, beforeEach, afterEach }: TestRunner,
  name: string,
  start: () => Promise<SinkHarness>,
): void {
  describe(`the sink of ${name}`, () => {
    let harness: SinkHarness;
    let sink: Subject;
    const cannotKnow = (what: Unknowable): boolean => harness.cannotKnow?.includes(what) ?? false;
    const it = (name: string, body: (skip: Skip) => Promise<void>): unknown =>
      test(name, (running) => body((reason) => void running.skip(reason)));

    const marked = (size: number, more: BatchOverrides = {}): ReturnType<typeof aMarkedBatch> =>
      aMarkedBatch(
        size,
        (index) => ({
          ...harness.fields,
          ...(typeof more === 'function' ? more(index) : more),
        }),
        harness.pump.records,
      );

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

    for (const size of [1, 2, 250])
      it(`delivers ${size} records, each of them once`, async () => {
        const { batch, paths } = marked(Math.min(size, harness.pump.limits.records));

        const verdicts = await sink.deliver(batch);

        assert.deepEqual(
          outcomesOf(verdicts),
          paths.map(() => 'delivered'),
        );
        await expectCopies(paths, () => 1);
      });

    it('takes as many and as large batches at once as its limits say', async () => {
      const { records, bytes, inFlight, age } = harness.pump.limits;
      assert.ok(Math.min(records, bytes, inFlight) >= 1, 'limits are at least 1');
      assert.ok(age >= 0, 'an age is not negative');
      const all = Array.from({ length: inFlight }, (_, index) =>
        marked(index === 0 ? fullBatch(records, bytes) : Math.min(records, 20)),
      );

      const answers = await Promise.all(all.map(({ batch }) => sink.deliver(batch)));

      assert.deepEqual(new Set(outcomesOf(answers.flat())), new Set(['delivered']));
      const paths = all.flatMap((one) => one.paths);
      await expectCopies(paths, () => 1);
    });

    it('settles at once when aborted before, and claims nothing that did not happen', async () => {
      const { batch, paths } = marked(3);

      const result = await settled(sink.deliver(batch, AbortSignal.abort()));

      await expectHonest(result, paths);
    });

    it('settles at once when aborted on the way, and claims nothing that did not happen', async () => {
      const { batch, paths } = marked(3);
      const abort = new AbortController();
      const delivery = sink.deliver(batch, abort.signal);
      delivery.catch(() => undefined);
      await new Promise(setImmediate);

      abort.abort();

      await expectHonest(await settled(delivery), paths);
    });

    it('settles at once when aborted while the destination hangs', async (skip) => {
      if (harness.stall === undefined) {
        skip('this destination cannot hang');
        return;
      }
      const { batch } = marked(3);
      await harness.stall();
      const abort = new AbortController();
      const delivery = sink.deliver(batch, abort.signal);
      delivery.catch(() => undefined);
      await Promise.race([delivery.catch(() => undefined), pause(50)]);

      abort.abort();

      const result = await settled(delivery);
      if (result.status === 'fulfilled')
        assert.ok(!outcomesOf(result.value).includes('delivered'), 'nothing was delivered');
    });

    it('settles a check at once when aborted', async () => {
      await harness.stall?.();

      const result = await settled(sink.check(AbortSignal.abort()));

      assert.match(result.status, /^(fulfilled|rejected)$/);
    });

    it('answers retry while the destination is gone, where it can know, and works again when it is back', async () => {
      const first = marked(3);
      // Where nobody notices, the first may have arrived all the same.
      const second = cannotKnow('outage') ? marked(3) : first;
      await harness.break();

      const whileGone = await sink.deliver(first.batch);
      await harness.restore();
      const whenBack = await sink.deliver(second.batch);

      const expected = cannotKnow('outage') ? 'delivered' : 'retry';
      assert.deepEqual(outcomesOf(whileGone), [expected, expected, expected]);
      assert.deepEqual(outcomesOf(whenBack), ['delivered', 'delivered', 'delivered']);
      await expectCopies(second.paths, () => 1);
    });

    it('tells up from down, or says the same of both where it cannot know', async () => {
      let before = await sink.check();
      if (before.state === 'unknown') {
        // Some can tell only once something was delivered.
        await sink.deliver(marked(1).batch);
        before = await sink.check();
      }
      await harness.break();
      const whileGone = await sink.check();
      await harness.restore();
      const after = await sink.check();

      const states = [before.state, whileGone.state, after.state];
      assert.deepEqual(
        states,
        cannotKnow('outage') ? states.map(() => before.state) : ['up', 'down', 'up'],
      );
      assert.notEqual(before.state, 'down');
    });

    it('opens, or fails to, without waiting for a destination that is gone', async () => {
      await harness.break();
      const opening = await settled(Subject.open(harness, AbortSignal.timeout(promptly / 2)));
      if (opening.status === 'fulfilled') await opening.value.close();
      await harness.restore();

      const again = await Subject.open(harness);

      const { batch } = marked(1);
      assert.deepEqual(outcomesOf(await again.deliver(batch)), ['delivered']);
      await again.close();
    });

    it('rejects a poisoned record alone, at the latest when it is sent alone', async (skip) => {
      const { poison, refuses = 'record' } = harness;
      if (poison === undefined) {
        skip('this destination refuses no record for its own sake');
        return;
      }
      const { batch, paths } = marked(3, (index) => (index === 1 ? poison : {}));

      if (refuses === 'record') {
        const verdicts = await sink.deliver(batch);
        assert.deepEqual(outcomesOf(verdicts), ['delivered', 'reject', 'delivered']);
      } else {
        // The courier halves what is said of a request, and nothing else.
        const { ofRequest } = await sink.answer(batch);
        const isRefusal = ofRequest !== undefined && ofRequest.outcome !== 'delivered';
        assert.match(isRefusal ? ofRequest.failure.kind : 'none', /^(invalid|oversize)$/);
        const alone: Verdict[] = [];
        for (const entry of batch) alone.push(...(await sink.deliver(Batch.of([entry]))));
        assert.deepEqual(outcomesOf(alone), ['delivered', 'reject', 'delivered']);
      }

      await expectCopies(paths, (index) => (index === 1 ? 0 : 1));
    });

    it('leaves the batch and its records as they were', async () => {
      const { batch } = marked(20);
      for (const entry of batch) Object.freeze(entry);
      Object.freeze(batch.entries);
      const before = batch.entries.map(({ record }) => Buffer.from(record.bytes));

      await sink.answer(batch);

      assert.deepEqual(
        batch.entries.map(({ record }) => Buffer.from(record.bytes)),
        before,
      );
    });

    it('closes twice and leaves no timer, socket or file behind', async () => {
      await lifetime(harness);
      const before = heldResources();

      // More than once: the test runner's own timers come and go, and one of them must not hide a leak.
      for (let life = 0; life < 5; life++) await lifetime(harness);

      assert.deepEqual(await leftBehind(before), []);
    });

    it('shows no secret in its log, its verdicts, its health or its output', async (skip) => {
      const secrets = harness.secrets ?? [];
      if (secrets.length === 0) {
        skip('this configuration has no secrets');
        return;
      }
      const overheard = overhear();
      await sink.check();
      await sink.deliver(marked(2).batch);
      await harness.break();
      const soon = AbortSignal.timeout(promptly);
      await Promise.allSettled([sink.check(soon), sink.deliver(marked(2).batch, soon)]);
      const said = overheard.stop() + sink.words();

      // Their number: a secret is not for the report either.
      assert.equal(secrets.filter((secret) => said.includes(secret)).length, 0);
    });

    /** Where that can be known. */
    async function expectCopies(
      paths: readonly string[],
      countOf: (index: number) => number,
    ): Promise<void> {
      if (cannotKnow('receipt')) return;
      assert.deepEqual(
        await copiesAt(harness, paths),
        paths.map((_, index) => countOf(index)),
      );
    }

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
      assert.deepEqual(lies, []);
      assert.ok(!outcomesOf(result.value).includes('reject'), 'nothing was rejected');
    }
  });
}

/** A whole life of a sink: what remains afterwards is a leak. */
async function lifetime(harness: SinkHarness): Promise<void> {
  const sink = await Subject.open(harness);
  await sink.deliver(aMarkedBatch(5, harness.fields, harness.pump.records).batch);
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

import { inspect } from 'node:util';
import { explain } from '../../lib/errors.ts';
import type { RecordKind } from '../../record/record.ts';
import type { Batch } from '../batch.ts';
import type { Delivery } from '../delivery.ts';
import type { Health, Sink } from '../sink.ts';
import type { Verdict } from '../verdict.ts';
import { aBatch, anUptimeBatch, type BatchOverrides } from './builders.ts';
import { aContext, type TestContext } from './context.ts';
import type { SinkHarness } from './harness.ts';

/** Longest time anything may take once it was aborted, or once its destination is known to be gone. */
export const promptly = 2_000;
const deadline = 5_000;

let batches = 0;

/** A sink under test, with what an operator would have seen of it. */
export class Subject {
  readonly #sink: Sink;
  readonly #mayKeepRecords: boolean;
  readonly #context: TestContext;
  readonly #words: string[] = [];

  private constructor(sink: Sink, mayKeepRecords: boolean, context: TestContext) {
    this.#sink = sink;
    this.#mayKeepRecords = mayKeepRecords;
    this.#context = context;
  }

  static async open(
    harness: SinkHarness,
    signal: AbortSignal = AbortSignal.timeout(deadline),
  ): Promise<Subject> {
    const context = aContext(harness.context);
    const { pump } = harness;
    return new Subject(await pump.open(context, signal), pump.mayKeepRecords, context);
  }

  /** With a deadline, as the courier does it. What was delivered is spoilt then: no sink looks at it again. */
  async deliver(
    batch: Batch,
    signal: AbortSignal = AbortSignal.timeout(deadline),
  ): Promise<readonly Verdict[]> {
    const { verdicts } = await this.answer(batch, signal);
    if (!this.#mayKeepRecords && verdicts.every(({ outcome }) => outcome === 'delivered'))
      spoil(batch);
    return verdicts;
  }

  /** As `deliver`, with what was said of the request; leaves the records alone. */
  async answer(
    batch: Batch,
    signal: AbortSignal = AbortSignal.timeout(deadline),
  ): Promise<Delivery> {
    const delivery: Delivery = await this.#sink.deliver(batch, signal);
    for (const verdict of delivery.verdicts)
      if (verdict.outcome !== 'delivered')
        this.#words.push(verdict.failure.message, explain(verdict.failure.cause));
    return delivery;
  }

  async check(signal: AbortSignal = AbortSignal.timeout(deadline)): Promise<Health> {
    const health = await this.#sink.check(signal);
    if (health.state !== 'up') this.#words.push(health.reason);
    return health;
  }

  close(): Promise<void> {
    return this.#sink.close(AbortSignal.timeout(deadline));
  }

  /** Log lines, verdicts' messages, health: all that leaves the sink, except its output. */
  words(): string {
    const fields = { depth: 10, maxStringLength: null, maxArrayLength: null };
    return [...this.#words, ...this.#context.lines.map((line) => inspect(line, fields))].join('\n');
  }
}

/** As the service does, which reads the next records into the memory of those that were answered for. */
function spoil(batch: Batch): void {
  for (const { record } of batch) record.bytes.fill(0xdd);
}

/** A batch whose paths no other batch has, in this process or another: what `received` is searched for. */
export function aMarkedBatch(
  size: number,
  overrides: BatchOverrides = {},
  records: RecordKind = 'analytics',
): { readonly batch: Batch; readonly paths: readonly string[] } {
  batches += 1;
  const mark = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}-${batches}`;
  const paths = Array.from({ length: size }, (_, index) => `/contract-${mark}-${index}-`);
  const fields = typeof overrides === 'function' ? overrides : () => overrides;
  const make = records === 'uptime' ? anUptimeBatch : aBatch;
  const batch = make(
    size,
    (index) => ({ ...fields(index), path: paths[index] ?? '' }),
    `contract-${mark}`,
  );
  return { batch, paths };
}

/** How often the destination has each path. */
export async function copiesAt(
  harness: SinkHarness,
  paths: readonly string[],
): Promise<readonly number[]> {
  const counts = new Map<string, number>();
  for (const text of await harness.received())
    for (const path of new Set(text.match(/\/contract-[0-9a-z]+-\d+-\d+-/g)))
      counts.set(path, (counts.get(path) ?? 0) + 1);
  return paths.map((path) => counts.get(path) ?? 0);
}

/** The outcome of a promise that must settle soon, either way; throws where it does not. */
export async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  const timer: { handle?: NodeJS.Timeout } = {};
  const late = new Promise<never>((_, refuse) => {
    timer.handle = setTimeout(() => {
      refuse(new Error(`did not settle within ${promptly} ms`));
    }, promptly);
  });
  try {
    const [result] = await Promise.race([Promise.allSettled([promise]), late]);
    return result;
  } finally {
    clearTimeout(timer.handle);
  }
}

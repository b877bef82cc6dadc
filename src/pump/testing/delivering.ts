import type { Batch } from '../batch.ts';
import type { PreparedPump, ServiceContext } from '../define-pump.ts';
import type { Delivery } from '../delivery.ts';
import type { Verdict } from '../verdict.ts';
import { aContext } from './context.ts';

/** Opens a sink, delivers, closes it. */
export const deliverOnce = async (
  pump: PreparedPump,
  batch: Batch,
  context?: ServiceContext,
): Promise<readonly Verdict[]> => (await answerOnce(pump, batch, context)).verdicts;

/** As `deliverOnce`, with what was said of the request. */
export async function answerOnce(
  pump: PreparedPump,
  batch: Batch,
  context: ServiceContext = aContext(),
): Promise<Delivery> {
  const signal = (): AbortSignal => AbortSignal.timeout(30_000);
  const sink = await pump.open(context, signal());
  try {
    return await sink.deliver(batch, signal());
  } finally {
    await sink.close(signal());
  }
}

export const outcomesOf = (verdicts: readonly Verdict[]): readonly Verdict['outcome'][] =>
  verdicts.map(({ outcome }) => outcome);

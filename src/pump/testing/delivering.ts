import type { Batch } from '../batch.ts';
import type { PreparedPump } from '../define-pump.ts';
import type { Verdict } from '../verdict.ts';
import { aContext } from './context.ts';

/** Opens a sink, delivers, closes it. */
export async function deliverOnce(pump: PreparedPump, batch: Batch): Promise<readonly Verdict[]> {
  const signal = (): AbortSignal => AbortSignal.timeout(30_000);
  const sink = await pump.open(aContext(), signal());
  try {
    return (await sink.deliver(batch, signal())).verdicts;
  } finally {
    await sink.close(signal());
  }
}

export const outcomesOf = (verdicts: readonly Verdict[]): readonly Verdict['outcome'][] =>
  verdicts.map(({ outcome }) => outcome);

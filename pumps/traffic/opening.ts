import { OpeningFailure, type PumpContext, unlessAborted } from '#pump';
import { failureOf } from './answer.ts';
import type { Options } from './options.ts';
import { TrafficSink } from './sink.ts';

/** Opens the store; while it cannot be, the route waits and tries again. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<TrafficSink> {
  const sink = new TrafficSink(options, context);
  try {
    await unlessAborted(sink.open(), undefined, signal);
  } catch (error) {
    const failure = failureOf(error);
    throw failure === undefined ? error : new OpeningFailure(failure);
  }
  if (signal.aborted) await sink.close(signal);
  signal.throwIfAborted();
  return sink;
}

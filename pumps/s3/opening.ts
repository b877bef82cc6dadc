import type { PumpContext } from '#pump';
import { formatOf } from './object-format.ts';
import type { Options } from './options.ts';
import { S3Sink } from './sink.ts';
import { openStore } from './store.ts';

/** Asks for nothing: a wrong key or bucket shows at the first object, which keeps the records. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<S3Sink> {
  const store = await openStore(options, context, signal);
  const format = await formatOf(options, context.document);
  return new S3Sink({ store, options, format });
}

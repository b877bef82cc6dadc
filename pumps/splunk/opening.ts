import { randomUUID } from 'node:crypto';
import { bytes, type PumpContext } from '#pump';
import { openClient } from './client.ts';
import type { Options } from './options.ts';
import { SplunkSink } from './sink.ts';

/** The collector's own limit. */
const usualMost = 838_860_800;

/** Asks the collector for nothing: a wrong token shows at the first request, which keeps the records. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<SplunkSink> {
  const client = await openClient(options, context, signal);
  const most = options.batch_max_content_length;
  return new SplunkSink({
    client,
    options,
    document: context.document,
    packing: {
      isBatched: options.enable_batch,
      mostBytes: bytes(most > 0 ? most : usualMost),
    },
    clock: context.clock,
    channel: options.indexer_acknowledgement ? (options.channel ?? randomUUID()) : undefined,
  });
}

import type { PumpContext, Sink } from '#pump';
import { ensureBucket } from './bucket.ts';
import { openClient } from './client.ts';
import type { Options } from './options.ts';
import { Influx2Sink } from './sink.ts';

/**
 * Asks the server for nothing, unless it is to create the bucket: a token that may only write is enough, and a missing
 * bucket shows at the first write, which keeps the records.
 */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const { clock, log } = context;
  const client = await openClient(options, context, signal);
  if (options.create_missing_bucket) {
    try {
      const { bucket, organization } = options;
      const state = await ensureBucket(client, options, signal);
      if (state === 'created') log.info({ bucket, organization }, 'The bucket was created.');
    } catch (error) {
      client.close();
      throw error;
    }
  }
  return new Influx2Sink({ client, options, clock });
}

import { type PumpContext, readTls } from '#pump';
import { createClient } from './client.ts';
import type { Options } from './options.ts';
import { settingsOf } from './settings.ts';
import { KafkaSink } from './sink.ts';

/** Opens a sink. Reads the files it needs; the first delivery connects. */
export async function openSink(
  options: Options,
  { log, clock }: PumpContext,
  signal: AbortSignal,
): Promise<KafkaSink> {
  const settings = settingsOf(options);
  const client = createClient({
    settings,
    tls: options.use_ssl ? await readTls(options, signal) : undefined,
    log,
    clock,
  });
  const { brokers, topic, compression, transactionalId } = settings;
  log.info(
    { brokers, topic, compression, transactional: transactionalId !== undefined },
    'Messages go to this topic once a broker answers.',
  );
  return new KafkaSink({ client, settings, clock });
}

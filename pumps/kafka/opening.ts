import type { ConnectionOptions } from 'node:tls';
import { type PumpContext, readTls } from '#pump';
import type { Client } from './client.ts';
import type { Options } from './options.ts';
import { Producer, type ProducerSettings } from './producer/producer.ts';
import { settingsOf } from './settings.ts';
import { KafkaSink } from './sink.ts';
import { tokenLogin } from './token.ts';

/** Opens a sink. Reads the files it needs; the first delivery connects. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<KafkaSink> {
  const read = settingsOf(options);
  const settings = { ...read, login: tokenLogin(options, context) ?? read.login };
  const tls = options.use_ssl ? await readTls(options, signal) : undefined;
  const client = await openClient(options.client, settings, tls, context);
  const { brokers, topic, compression, transactionalId } = settings;
  context.log.info(
    { brokers, topic, compression, transactional: transactionalId !== undefined },
    'Messages go to this topic once a broker answers.',
  );
  return new KafkaSink({ client, settings, document: context.document });
}

async function openClient(
  name: Options['client'],
  settings: ProducerSettings,
  tls: ConnectionOptions | undefined,
  { log, clock }: PumpContext,
): Promise<Client> {
  if (name === 'own') return new Producer({ settings, tls, log, clock });
  // Nobody else has to load it.
  const { KafkajsClient } = await import('./kafkajs-client.ts');
  return new KafkajsClient({ settings, tls, clock });
}

import { LentWriters, openHttpClient, type PumpContext } from '#pump';
import type { Options } from './options.ts';
import { settingsOf } from './settings.ts';
import { HttpSink } from './sink.ts';

/** Asks the server for nothing: of one that nobody knows, every question might be taken for a record. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<HttpSink> {
  const settings = settingsOf(options, context.document);
  const { headers, target } = settings;
  const client = await openHttpClient({ url: target.url, headers }, options, context, signal);
  const { clock, log } = context;
  return new HttpSink({ client, settings, clock, log, writers: new LentWriters() });
}

import { randomUUID } from 'node:crypto';
import { bytes, definePump, httpServers, mebibytes, millis } from '#pump';
import { openClient } from './client.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { SplunkSink } from './sink.ts';

export default definePump({
  type: 'splunk',
  title: 'Splunk Pump',
  summary: 'Sends each record as an event to the HTTP Event Collector of Splunk.',
  options,
  envPrefix: 'TYK_PMP_PUMPS_SPLUNK_META',
  // A collector shares a request among its indexers as a whole: many middling ones are better than a few large ones.
  limits: ({ enable_batch }) => ({
    records: enable_batch ? 2_000 : 100,
    bytes: mebibytes(4),
    age: millis(1_000),
    inFlight: 4,
  }),
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  servers: ({ collector_url }) => httpServers(collector_url),
  async open(given, context, signal) {
    const client = await openClient(given, context, signal);
    const { clock } = context;
    const most = given.batch_max_content_length;
    const packing = {
      isBatched: given.enable_batch,
      mostBytes: bytes(most > 0 ? most : 838_860_800),
    };
    const channel = given.indexer_acknowledgement ? (given.channel ?? randomUUID()) : undefined;
    return new SplunkSink({ client, options: given, packing, clock, channel });
  },
});

import { definePump, httpServers, mebibytes, millis } from '#pump';
import { openClient } from './client.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { InfluxSink } from './sink.ts';

export default definePump({
  type: 'influx',
  title: 'InfluxDB Pump',
  summary: 'Writes each record as a point to InfluxDB 1.',
  options,
  // The server's makers advise 5,000 to 10,000 points a request; it takes 25 MB.
  limits: { records: 5_000, bytes: mebibytes(5), age: millis(1_000), inFlight: 4 },
  repeats: 'harmless',
  guarantee: ({ timestamp }) => (timestamp === 'record' ? 'effectively-once' : 'at-least-once'),
  check: problemsOf,
  servers: ({ address }) => httpServers(address),
  async open(options, context, signal) {
    const client = await openClient(options, context, signal);
    return new InfluxSink({ client, options, clock: context.clock });
  },
});

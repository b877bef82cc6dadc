import { definePump, httpServers, mebibytes, millis } from '#pump';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'influx2',
  title: 'InfluxDB2 Pump',
  summary: 'Writes each record as a point to InfluxDB 2.',
  options,
  // The server's makers advise 5,000 points a request.
  limits: { records: 5_000, bytes: mebibytes(5), age: millis(1_000), inFlight: 4 },
  repeats: 'harmless',
  guarantee: ({ timestamp }) => (timestamp === 'record' ? 'effectively-once' : 'at-least-once'),
  check: problemsOf,
  servers: ({ address }) => httpServers(address),
  open: openSink,
});

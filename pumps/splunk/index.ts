import { definePump, httpServers, mebibytes, millis } from '#pump';
import { eventShape } from './encode.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'splunk',
  title: 'Splunk Pump',
  summary: 'Sends each record as an event to the HTTP Event Collector of Splunk.',
  options,
  document: eventShape,
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
  open: openSink,
});

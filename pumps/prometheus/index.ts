import { definePump, mebibytes, millis } from '#pump';
import { openSink } from './opening.ts';
import { problemsOf, servedAt } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'prometheus',
  title: 'Prometheus Pump',
  summary: 'Counts requests and their latency on a page that Prometheus scrapes.',
  options,
  // Counting is synchronous: a batch must not hold up the event loop for long.
  limits: { records: 5_000, bytes: mebibytes(16), age: millis(500), inFlight: 1 },
  workers: 'one',
  servedAt,
  repeats: 'counted-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  open: openSink,
});

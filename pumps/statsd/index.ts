import { definePump, mebibytes, millis } from '#pump';
import { openSink } from './opening.ts';
import { guaranteeOf, problemsOf } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'statsd',
  title: 'Statsd Pump',
  summary: 'Times requests on a StatsD daemon.',
  options,
  // One small batch at a time: a daemon that reads slower than datagrams come loses them.
  limits: { records: 1_000, bytes: mebibytes(8), age: millis(500), inFlight: 1 },
  // Several threads would each keep the daemon's pace, and together outrun it.
  workers: 'one',
  repeats: 'counted-twice',
  guarantee: guaranteeOf,
  check: problemsOf,
  open: openSink,
});

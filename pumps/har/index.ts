import { definePump, mebibytes, millis } from '#pump';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { HarSink } from './sink.ts';

export default definePump({
  type: 'har',
  title: 'HAR Pump',
  summary:
    'Writes records as HAR 1.2, which browsers and API clients open, into files that are always complete.',
  options,
  // One at a time, for there is one end of the file.
  limits: { records: 1_000, bytes: mebibytes(4), age: millis(1_000), inFlight: 1 },
  workers: 'one',
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  open: (given, context) => Promise.resolve(new HarSink(given, context)),
});

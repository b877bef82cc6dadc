import { definePump, mebibytes, millis } from '#pump';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'traffic',
  title: 'Traffic Pump',
  summary: 'Keeps the last calls with their payloads in a store on this machine, to be searched.',
  options,
  // One at a time, for there is one writer.
  limits: { records: 1_000, bytes: mebibytes(4), age: millis(500), inFlight: 1 },
  workers: 'one',
  repeats: 'harmless',
  guarantee: 'effectively-once',
  // Records are kept byte for byte, and decoded when they are looked at.
  storesEncoded: true,
  check: problemsOf,
  open: openSink,
});

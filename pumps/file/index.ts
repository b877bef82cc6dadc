import { definePump, mebibytes, millis } from '#pump';
import { documentShape } from './encode.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'file',
  title: 'File Pump',
  summary:
    'Appends records to a file as lines of JSON, and puts the file aside by size or time, compressed if you like.',
  options,
  document: () => documentShape,
  // Large batches: each costs one write and one wait for the disk. One at a time, for there is one end of the file.
  limits: { records: 10_000, bytes: mebibytes(8), age: millis(1_000), inFlight: 1 },
  workers: 'one',
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  open: openSink,
});

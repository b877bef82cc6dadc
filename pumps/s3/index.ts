import { definePump, httpServers, mebibytes, millis } from '#pump';
import { documentShape } from './encode.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 's3',
  title: 'S3 Pump',
  summary: 'Stores records as objects of JSON lines or Parquet in S3, by API and hour.',
  options,
  document: () => documentShape,
  // Each batch makes an object for each API and hour in it: few, and large.
  limits: { records: 50_000, bytes: mebibytes(16), age: millis(10_000), inFlight: 2 },
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  servers: ({ endpoint }) => httpServers(endpoint),
  open: openSink,
});

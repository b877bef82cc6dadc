import { definePump, mebibytes } from '#pump';
import { openSink } from './opening.ts';
import { problemsOf, servedAt } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'model',
  title: 'Model Pump',
  summary:
    'Learns from the calls what the APIs are, as an OpenAPI description, and counts calls that are not as an earlier model says.',
  options,
  // The file is written once for each batch, and before the batch is answered.
  limits: ({ write_every }) => ({
    records: 10_000,
    bytes: mebibytes(16),
    age: write_every,
    inFlight: 1,
  }),
  workers: 'one',
  servedAt,
  repeats: 'counted-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  open: openSink,
});

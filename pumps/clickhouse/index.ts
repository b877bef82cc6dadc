import { bytes, definePump, httpServers, mebibytes, millis } from '#pump';
import { documentShape } from './columns.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';

export default definePump({
  type: 'clickhouse',
  title: 'ClickHouse Pump',
  summary: 'Stores each record as a row in ClickHouse.',
  options,
  document: () => documentShape,
  // Each insert makes a part, and parts are what a server can have too many of: few, and large.
  limits: ({ batch_records, batch_bytes }) => ({
    records: batch_records,
    bytes: bytes(Math.min(batch_bytes, mebibytes(64))),
    age: millis(2_000),
    inFlight: 2,
  }),
  repeats: 'stored-twice',
  guarantee: 'at-least-once',
  check: problemsOf,
  servers: ({ url }) => httpServers(url),
  open: openSink,
});

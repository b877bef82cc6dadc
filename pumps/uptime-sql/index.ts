import { definePump } from '#pump';
import { sqlProblems } from '../shared/sql/option-rules.ts';
import { sqlGuarantee, sqlLimits } from '../shared/sql/options.ts';
import { openSink } from './opening.ts';
import { options } from './options.ts';

export default definePump({
  type: 'uptime-sql',
  records: 'uptime',
  title: 'SQL Pump, uptime',
  summary: 'Counts uptime records by hour in PostgreSQL, MySQL, MariaDB or SQLite.',
  options,
  envPrefix: 'TYK_PMP_UPTIMEPUMPCONFIG',
  // Few records, and all of them count in the same few rows; `batch_size` is of the rows.
  limits: (chosen) => ({ ...sqlLimits(chosen), records: 1_000, inFlight: 1 }),
  repeats: ({ exactly_once }) => (exactly_once ? 'harmless' : 'counted-twice'),
  guarantee: sqlGuarantee,
  check: sqlProblems,
  open: openSink,
});

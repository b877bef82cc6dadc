import { definePump } from '#pump';
import { aggregateLimits, aggregateProblems } from '../shared/sql/aggregate/aggregate-options.ts';
import { sqlGuarantee, sqlRepeats } from '../shared/sql/options.ts';
import { openSink } from './opening.ts';
import { options } from './options.ts';

export default definePump({
  type: 'sql-mcp-aggregate',
  title: 'SQL MCP Aggregate Pump',
  summary: 'Counts MCP records by hour and dimension in PostgreSQL, MySQL, MariaDB or SQLite.',
  options,
  limits: aggregateLimits,
  repeats: sqlRepeats,
  guarantee: sqlGuarantee,
  check: aggregateProblems,
  open: openSink,
});

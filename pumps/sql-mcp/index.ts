import { definePump } from '#pump';
import { sqlProblems } from '../shared/sql/option-rules.ts';
import { sqlGuarantee, sqlLimits, sqlRepeats } from '../shared/sql/options.ts';
import { openSink } from './opening.ts';
import { options } from './options.ts';

export default definePump({
  type: 'sql-mcp',
  title: 'MCP SQL Pump',
  summary: 'Stores each MCP record as a row in PostgreSQL, MySQL, MariaDB or SQLite.',
  options,
  envPrefix: 'TYK_PMP_PUMPS_MCP_SQL_META',
  limits: sqlLimits,
  repeats: sqlRepeats,
  guarantee: sqlGuarantee,
  check: sqlProblems,
  open: openSink,
});

import { definePump } from '#pump';
import { sqlProblems } from '../shared/sql/option-rules.ts';
import { sqlGuarantee, sqlLimits, sqlRepeats } from '../shared/sql/options.ts';
import { openSink } from './opening.ts';
import { options } from './options.ts';

export default definePump({
  type: 'sql',
  title: 'SQL Pump',
  summary: 'Stores each record as a row in PostgreSQL, MySQL, MariaDB or SQLite.',
  options,
  limits: sqlLimits,
  repeats: sqlRepeats,
  guarantee: sqlGuarantee,
  check: sqlProblems,
  open: openSink,
});

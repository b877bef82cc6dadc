import { type Rule, rulesFor } from '#pump';
import type { SqlOptions } from './options.ts';
import { wayOf } from './target.ts';

const { error, warning } = rulesFor<SqlOptions>();

/** What one option alone cannot say. */
export function* sqlProblems(options: SqlOptions): Iterable<Rule> {
  for (const { severity, found, expected } of wayOf(options).problems)
    yield (severity === 'error' ? error : warning)('connection_string', found, expected);
  if (options.migrate_sharded_tables && !options.table_sharding)
    yield warning('migrate_sharded_tables', 'true', 'table_sharding as well: no effect alone');
  if (!['', 'debug', 'info', 'warning'].includes(options.log_level))
    yield warning('log_level', 'another text', '"debug", "info" or "warning": nothing is logged');
  if (!options.exactly_once)
    yield warning('exactly_once', 'false', 'true: a record that comes again is stored again');
}

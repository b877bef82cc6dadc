import { expect, it } from 'vitest';
import { readSqliteDsn } from './sqlite.ts';

it.each([
  ['tyk.db', 'tyk.db'],
  ['/var/lib/tyk.db', '/var/lib/tyk.db'],
  ['file:tyk%20analytics.db', 'tyk analytics.db'],
  ['file:///var/lib/tyk.db?cache=shared', '/var/lib/tyk.db'],
])('a DSN of SQLite is the path of a file: %s', (dsn, path) => {
  expect(readSqliteDsn(dsn).target).toEqual({ path });
});

it.each(['', ':memory:', 'file::memory:?cache=shared', 'file:x?mode=memory'])(
  'a database in memory is refused: %s',
  (dsn) => {
    expect(readSqliteDsn(dsn).target).toBeUndefined();
  },
);

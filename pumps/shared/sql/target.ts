import type { Dialect } from './dialect/dialect.ts';
import { mysqlDialect } from './dialect/mysql.ts';
import { postgresDialect } from './dialect/postgres.ts';
import { sqliteDialect } from './dialect/sqlite.ts';
import type { Driver } from './driver/driver.ts';
import { mysqlDriver } from './driver/mysql.ts';
import { postgresDriver } from './driver/postgres.ts';
import { sqliteDriver } from './driver/sqlite.ts';
import type { DsnProblem } from './dsn/dsn.ts';
import { readMysqlDsn } from './dsn/mysql.ts';
import { readPostgresDsn } from './dsn/postgres.ts';
import { readSqliteDsn } from './dsn/sqlite.ts';
import type { SqlOptions } from './options.ts';

/** What the options lead to. */
export interface Way {
  readonly dialect: Dialect;
  readonly driver: Driver;
  /** For the log: without a login. */
  readonly shown: string;
}

/** Without a way a problem is an error. */
export function wayOf({ type, connection_string, mysql }: SqlOptions): {
  readonly way: Way | undefined;
  readonly problems: readonly DsnProblem[];
} {
  const dsn = connection_string.reveal();
  if (type === 'postgres') {
    const { target, problems } = readPostgresDsn(dsn);
    if (target === undefined) return { way: undefined, problems };
    const shown = target.places.map(({ host, port }) => `${host}:${port}`).join(',');
    return { way: { dialect: postgresDialect, driver: postgresDriver(target), shown }, problems };
  }
  if (type === 'mysql') {
    const { target, problems } = readMysqlDsn(dsn);
    if (target === undefined) return { way: undefined, problems };
    const { place, zone } = target;
    const dialect = mysqlDialect({
      zone,
      stringSize: mysql.default_string_size,
      isWithoutFractions: mysql.disable_datetime_precision,
    });
    const shown = 'socket' in place ? place.socket : `${place.host}:${place.port}`;
    return { way: { dialect, driver: mysqlDriver(target), shown }, problems };
  }
  const { target, problems } = readSqliteDsn(dsn);
  if (target === undefined) return { way: undefined, problems };
  return {
    way: { dialect: sqliteDialect, driver: sqliteDriver(target), shown: target.path },
    problems,
  };
}

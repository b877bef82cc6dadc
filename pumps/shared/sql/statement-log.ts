import type { Clock, Log } from '#pump';
import type { Connection, Driver } from './driver/driver.ts';

/** As Tyk Pump's ORM, which calls so what took longer. */
const slow = 200;

/** A driver that says what it does, as `log_level` asks. No value of a record is in it. */
export function loggedDriver(driver: Driver, level: string, clock: Clock, log: Log): Driver {
  if (level !== 'debug' && level !== 'info' && level !== 'warning') return driver;
  const watched = async <T>(statement: string, work: () => Promise<T>): Promise<T> => {
    const begun = clock.elapsed();
    const fields = (): Parameters<Log['info']>[0] => ({
      statement: withoutValues(statement),
      milliseconds: Math.round(clock.elapsed() - begun),
    });
    try {
      const result = await work();
      if (level === 'debug') log.info(fields(), 'A statement was run.');
      else if (level === 'info' && clock.elapsed() - begun > slow)
        log.warn(fields(), 'A statement was slow.');
      return result;
    } catch (error) {
      log.warn({ ...fields(), reason: driver.judge(error).failure.message }, 'A statement failed.');
      throw error;
    }
  };
  return {
    ...driver,
    connect: async (signal) => watchedConnection(await driver.connect(signal), watched),
  };
}

function watchedConnection(
  connection: Connection,
  watched: <T>(statement: string, work: () => Promise<T>) => Promise<T>,
): Connection {
  const { copy } = connection;
  return {
    run: (statements) => watched(statements.join('; '), () => connection.run(statements)),
    ...(copy === undefined
      ? {}
      : { copy: (statement, rows) => watched(statement, () => copy(statement, rows)) }),
    get maxStatement() {
      return connection.maxStatement;
    },
    get isOpen() {
      return connection.isOpen;
    },
    destroy: () => connection.destroy(),
  };
}

/** Up to the values of its rows. */
const withoutValues = (statement: string): string =>
  statement.replaceAll(/ VALUES .*?(?=; |$)/gsu, ' VALUES …').slice(0, 2_000);

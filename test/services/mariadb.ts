import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { createConnection } from 'mysql2/promise';
import type { Certificates } from './certificates.ts';
import { needProgram } from './debian.ts';
import { type Child, freePort, launch, scratchFolder, untilReady } from './process.ts';

const run = promisify(execFile);

export interface MariadbOptions {
  /** Further settings: `{ 'max-allowed-packet': '1M' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Speaks TLS as well. */
  readonly tls?: Certificates;
}

export interface MariadbServer {
  readonly port: number;
  /** A DSN as Go's driver has it. */
  dsn(database: string, query?: string): string;
  query(statement: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** A new database, its name and its DSN. */
  createDatabase(): Promise<{ readonly name: string; readonly dsn: string }>;
  output(): string;
  /** Ends the server and its data. */
  stop(): Promise<void>;
  /** Crash: data and port stay for `start`. */
  kill9(): Promise<void>;
  /** Starts again after `kill9`. */
  start(): Promise<void>;
}

/** The programs of MariaDB. Throws `Unavailable` where they are missing and cannot be installed. */
export async function needMariadb(): Promise<{
  readonly program: string;
  readonly installer: string;
}> {
  const program = await needProgram('mariadbd', ['mariadb-server']);
  return { program, installer: await needProgram('mariadb-install-db', ['mariadb-server']) };
}

/** A real MariaDB on 127.0.0.1, user `root`, no password. Throws `Unavailable` where there is none. */
export async function startMariadb(options: MariadbOptions = {}): Promise<MariadbServer> {
  const { program, installer } = await needMariadb();
  const dir = await scratchFolder('mariadb');
  const data = path.join(dir, 'data');
  await run(installer, [
    ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'],
    ...['--skip-test-db', '--skip-name-resolve', '--innodb-log-file-size=8M'],
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ]);
  const port = await freePort();
  const how: Launch = { program, dir, data, port, options };
  let child = await launchServer(how);
  let databases = 0;
  const dsn = (database: string, query = ''): string =>
    `root@tcp(127.0.0.1:${port})/${database}${query}`;
  return {
    port,
    dsn,
    query: (statement, database) => query(port, statement, database),
    async createDatabase() {
      const name = `test_${++databases}`;
      await query(port, `CREATE DATABASE ${name}`);
      return { name, dsn: dsn(name) };
    },
    output: () => child.output(),
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
    kill9: () => child.kill9(),
    async start() {
      child = await launchServer(how);
    },
  };
}

async function query(
  port: number,
  statement: string,
  database?: string,
): Promise<readonly Record<string, unknown>[]> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    timezone: 'Z',
    dateStrings: true,
    ...(database === undefined ? {} : { database }),
  });
  try {
    const [rows] = await connection.query(statement);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await connection.end().catch(() => undefined);
  }
}

interface Launch {
  readonly program: string;
  readonly dir: string;
  readonly data: string;
  readonly port: number;
  readonly options: MariadbOptions;
}

async function launchServer({ program, dir, data, port, options }: Launch): Promise<Child> {
  const { settings = {}, tls } = options;
  const child = launch(program, [
    ...['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1'],
    ...[`--socket=${path.join(dir, 's')}`, `--pid-file=${path.join(dir, 'pid')}`],
    ...['--innodb-buffer-pool-size=32M', '--innodb-log-file-size=8M', '--skip-name-resolve'],
    // A crash of the server is none of the machine.
    '--innodb-flush-log-at-trx-commit=2',
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    ...(tls === undefined
      ? []
      : [`--ssl-ca=${tls.caFile}`, `--ssl-cert=${tls.certFile}`, `--ssl-key=${tls.keyFile}`]),
    ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
  ]);
  const isReady = async (): Promise<boolean> => (await query(port, 'SELECT 1')).length === 1;
  await untilReady(child, 'mariadbd', isReady, 60_000);
  return child;
}

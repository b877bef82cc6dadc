import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Certificates } from './certificates.ts';
import { installPackages } from './debian.ts';
import { type Child, freePort, launch, scratchFolder, Unavailable, untilReady } from './process.ts';

const run = promisify(execFile);

export interface PostgresOptions {
  /** Further settings: `{ max_connections: '20' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Speaks TLS as well. */
  readonly tls?: Certificates;
}

export interface PostgresServer {
  readonly port: number;
  /** A DSN as Go's drivers have it, of the database `postgres` unless said otherwise. */
  dsn(database?: string): string;
  /** Runs statements, by a connection that ends with them. */
  query(statement: string, database?: string): Promise<readonly Record<string, unknown>[]>;
  /** A new database, its name and its DSN. */
  createDatabase(): Promise<{ readonly name: string; readonly dsn: string }>;
  output(): string;
  /** Ends the server and its data. */
  stop(): Promise<void>;
  /** Crash: data and port stay for `start`. */
  kill9(): Promise<void>;
  /** Takes nothing and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Starts again after `kill9`. */
  start(): Promise<void>;
}

/** A real PostgreSQL on 127.0.0.1, user `sluice`, no password. Throws `Unavailable` where there is none. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = await needPostgres();
  const owner = ownerOfData();
  const dir = await scratchFolder('postgres');
  if (owner !== undefined) await chown(dir, owner.uid, owner.gid);
  const data = path.join(dir, 'data');
  const init = ['-D', data, '-U', 'sluice', '-A', 'trust', '-N', '-E', 'UTF8', '--locale=C.UTF-8'];
  await run(path.join(bin, 'initdb'), init, { cwd: dir, ...owner });
  const port = await freePort();
  const settings = { ...(await tlsSettings(options.tls, data, owner)), ...options.settings };
  const how: Launch = { bin, dir, data, port, settings, owner };
  let child = await launchServer(how);
  let databases = 0;
  const dsn = (database = 'postgres'): string =>
    `host=127.0.0.1 port=${port} user=sluice dbname=${database} sslmode=disable`;
  const signal = (name: NodeJS.Signals): void => {
    for (const pid of familyOf(child.pid)) kill(pid, name);
  };
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
      signal('SIGCONT');
      // Connections of a test that failed do not hold it up.
      kill(child.pid, 'SIGINT');
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
    async kill9() {
      signal('SIGKILL');
      await child.kill9();
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async start() {
      child = await launchServer(how);
    },
  };
}

async function query(
  port: number,
  statement: string,
  database = 'postgres',
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'sluice', database, ssl: false });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(statement);
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Launch {
  readonly bin: string;
  readonly dir: string;
  readonly data: string;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly owner: Owner | undefined;
}

async function launchServer({ bin, dir, data, port, settings, owner }: Launch): Promise<Child> {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: dir,
    shared_buffers: '32MB',
    // A crash of the server is none of the machine: what it gave to the system is not lost.
    fsync: 'off',
    timezone: 'UTC',
    ...settings,
  };
  const server = [
    path.join(bin, 'postgres'),
    ...['-D', data, '-p', String(port)],
    ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const [program = '', ...args] =
    owner === undefined
      ? server
      : [
          '/usr/bin/setpriv',
          ...[`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'],
          ...['--pdeathsig', 'KILL', ...server],
        ];
  const isReady = async (): Promise<boolean> => (await query(port, 'SELECT 1')).length === 1;
  for (let attempt = 1; ; attempt++) {
    const child = launch(program, args, { cwd: dir });
    try {
      await untilReady(child, 'postgres', isReady, 30_000);
      return child;
    } catch (error) {
      // After a crash its children may hold its memory for a moment.
      if (attempt === 20 || !/shared memory|lock file/.test(child.output())) throw error;
      await delay(250);
    }
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root, which lends it another user. */
export function ownerOfData(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The server refuses a key that others may read. */
async function tlsSettings(
  tls: Certificates | undefined,
  data: string,
  owner: Owner | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (tls === undefined) return {};
  const [certificate, key] = [path.join(data, 'server.crt'), path.join(data, 'server.key')];
  await copyFile(tls.certFile, certificate);
  await copyFile(tls.keyFile, key);
  for (const file of [certificate, key]) {
    await chmod(file, 0o600);
    if (owner !== undefined) await chown(file, owner.uid, owner.gid);
  }
  return { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key };
}

/** The folder of its programs. Throws `Unavailable` where they are missing and cannot be installed. */
export async function needPostgres(): Promise<string> {
  const found = binaries();
  if (found !== undefined) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    console.warn('Installing postgresql with apt-get.');
    await installPackages(['postgresql']).catch(() => undefined);
  }
  const installed = binaries();
  if (installed !== undefined) return installed;
  throw new Unavailable('This machine lacks a PostgreSQL server (Debian: postgresql).');
}

/** Debian keeps the server's programs apart by version; the newest. */
function binaries(): string | undefined {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base) : [];
  return [
    process.env['PG_BIN'] ?? '',
    ...versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => path.join(base, version, 'bin')),
  ].find((folder) => folder !== '' && existsSync(path.join(folder, 'initdb')));
}

/** A server and its children, one for each connection. */
function familyOf(pid: number): readonly number[] {
  try {
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], {
      encoding: 'utf8',
    });
    return [
      pid,
      ...children
        .split('\n')
        .map(Number)
        .filter((child) => child > 0),
    ];
  } catch {
    return [pid];
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone already.
  }
}

import { chown, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { needProgram } from './debian.ts';
import { ownerOfData } from './postgres.ts';
import { freePort, launch, scratchFolder, untilReady } from './process.ts';

/** A pool manager before a PostgreSQL: another session may follow within a session of the client, one for each transaction. */
export interface PgbouncerServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** The program. Throws `Unavailable` where it is missing and cannot be installed. */
export const needPgbouncer = (): Promise<string> => needProgram('pgbouncer', ['pgbouncer']);

/** A real PgBouncer on 127.0.0.1 in transaction mode, with two sessions of the server for all clients. */
export async function startPgbouncer(postgres: {
  readonly port: number;
}): Promise<PgbouncerServer> {
  const program = await needPgbouncer();
  const owner = ownerOfData();
  const [dir, port] = await Promise.all([scratchFolder('pgbouncer'), freePort()]);
  const file = path.join(dir, 'pgbouncer.ini');
  await writeFile(file, settings(postgres.port, port));
  if (owner !== undefined) for (const each of [dir, file]) await chown(each, owner.uid, owner.gid);
  // It refuses to run as root.
  const child =
    owner === undefined
      ? launch(program, [file], { cwd: dir })
      : launch(
          '/usr/bin/setpriv',
          [
            ...[`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'],
            ...['--pdeathsig', 'KILL', program, file],
          ],
          { cwd: dir },
        );
  await untilReady(child, 'pgbouncer', () => answers(port));
  return {
    port,
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const settings = (server: number, port: number): string => `[databases]
* = host=127.0.0.1 port=${server} user=sluice

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
`;

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'sluice', database: 'postgres' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query('SELECT 1')).rowCount === 1;
  } finally {
    await client.end().catch(() => undefined);
  }
}

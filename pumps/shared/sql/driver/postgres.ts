import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ConnectionOptions } from 'node:tls';
import type * as PgModule from 'pg';
import type { CopyStreamQuery } from 'pg-copy-streams';
import { onAbort, StartError } from '#pump';
import { postgresDialect } from '../dialect/postgres.ts';
import type { PostgresTarget } from '../dsn/postgres.ts';
import type { Cell, Connection, Driver } from './driver.ts';
import { exportsOf } from './packages.ts';
import { judgePostgres, stateOf, TakesNoWrites } from './postgres-error.ts';

type Pg = typeof PgModule.default;

interface Libraries {
  readonly pg: Pg;
  readonly copyFrom: (statement: string) => CopyStreamQuery;
}

/** Statements are simple queries: nothing is prepared, so that a pool manager may stand before the server. */
export function postgresDriver(target: PostgresTarget): Driver {
  let libraries: Promise<Libraries> | undefined;
  return {
    async connect(signal) {
      libraries ??= load();
      return connectAny(await libraries, target, signal);
    },
    judge: judgePostgres,
    isAlreadyThere: (error) => stateOf(error) === '42P07',
  };
}

async function load(): Promise<Libraries> {
  const [{ default: pg }, copyStreams] = await Promise.all([
    import('pg'),
    import('pg-copy-streams'),
  ]);
  return { pg, copyFrom: exportsOf(copyStreams).from };
}

/** The first place that answers and, where there are several, takes writes. */
async function connectAny(
  libraries: Libraries,
  target: PostgresTarget,
  signal: AbortSignal,
): Promise<Connection> {
  let last: unknown;
  for (const place of target.places) {
    try {
      const connection = await connectTo(libraries, target, place, signal);
      if (target.places.length === 1 || (await takesWrites(connection))) return connection;
      connection.destroy();
      last = new TakesNoWrites(place.host);
    } catch (error) {
      if (signal.aborted || error instanceof StartError) throw error;
      last = error;
    }
  }
  throw last;
}

const takesWrites = async (connection: Connection): Promise<boolean> =>
  (await connection.run([postgresDialect.probe]))[0]?.[0] === true;

type Place = PostgresTarget['places'][number];

/** As `sslmode` says: which of TLS and plain is tried, and in which order. */
async function connectTo(
  libraries: Libraries,
  target: PostgresTarget,
  place: Place,
  signal: AbortSignal,
): Promise<Connection> {
  const { sslMode } = target;
  // Over a socket of this machine there is no TLS.
  const isLocal = place.host.startsWith('/');
  const plain = { libraries, target, place, ssl: false as const, signal };
  if (isLocal || sslMode === 'disable') return open(plain);
  const secure = { ...plain, ssl: await tlsOf(target, signal) };
  if (sslMode === 'prefer')
    return open(secure).catch(otherwise(hasNoTls, () => open(plain), signal));
  if (sslMode === 'allow')
    return open(plain).catch(otherwise(wantsTls, () => open(secure), signal));
  return open(secure);
}

const otherwise =
  <T>(isMeant: (error: unknown) => boolean, next: () => Promise<T>, signal: AbortSignal) =>
  (error: unknown): Promise<T> => {
    if (signal.aborted || !isMeant(error)) throw error;
    return next();
  };

const hasNoTls = (error: unknown): boolean =>
  error instanceof Error && error.message === 'The server does not support SSL connections';
const wantsTls = (error: unknown): boolean => stateOf(error) === '28000';

async function tlsOf(target: PostgresTarget, signal: AbortSignal): Promise<ConnectionOptions> {
  const { sslMode, sslRootCert, sslCert, sslKey, sslPassword, sendsServerName } = target;
  const isVerified =
    sslMode === 'verify-full' ||
    sslMode === 'verify-ca' ||
    (sslMode === 'require' && sslRootCert !== '');
  const hasRoots = sslRootCert !== '' && sslRootCert !== 'system';
  return {
    rejectUnauthorized: isVerified,
    ...(hasRoots ? { ca: await fileOf('sslrootcert', sslRootCert, signal) } : {}),
    ...(sslCert === '' ? {} : { cert: await fileOf('sslcert', sslCert, signal) }),
    ...(sslKey === '' ? {} : { key: await fileOf('sslkey', sslKey, signal) }),
    ...(sslPassword === '' ? {} : { passphrase: sslPassword }),
    ...(sendsServerName ? {} : { servername: '' }),
    // The authority alone, whatever the certificate's name is.
    ...(sslMode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}

async function fileOf(key: string, path: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readFile(path, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Error(`The file of ${key} cannot be read (${path})`, { cause: error });
  }
}

interface Opening {
  readonly libraries: Libraries;
  readonly target: PostgresTarget;
  readonly place: Place;
  readonly ssl: ConnectionOptions | false;
  readonly signal: AbortSignal;
}

async function open({ libraries, target, place, ssl, signal }: Opening): Promise<Connection> {
  signal.throwIfAborted();
  const { user, password, database, applicationName, connectTimeout } = target;
  const socket = new Socket();
  const client = new libraries.pg.Client({
    host: place.host,
    port: place.port,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ssl,
    stream: () => socket,
    application_name: applicationName,
    client_encoding: 'UTF8',
    keepAlive: true,
    connectionTimeoutMillis: connectTimeout * 1_000,
  });
  const connection = new PostgresConnection(client, socket, libraries.copyFrom);
  const forget = onAbort(signal, () => connection.destroy());
  try {
    await client.connect();
    await connection.run(sessionOf(target));
    return connection;
  } catch (error) {
    connection.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    forget();
  }
}

const sessionOf = ({ settings }: PostgresTarget): readonly string[] =>
  [...settings, ['standard_conforming_strings', 'on'] as const].map(
    ([name, value]) =>
      `SELECT set_config(${postgresDialect.literal(name)}, ${postgresDialect.literal(value)}, false)`,
  );

class PostgresConnection implements Connection {
  /** A message of the protocol has at most a gigabyte; statements of some megabytes are parsed well. */
  readonly maxStatement = 4 * 1024 * 1024;
  readonly #client: PgModule.Client;
  readonly #socket: Socket;
  readonly #copyFrom: Libraries['copyFrom'];
  #isOpen = true;

  constructor(client: PgModule.Client, socket: Socket, copyFrom: Libraries['copyFrom']) {
    this.#client = client;
    this.#socket = socket;
    this.#copyFrom = copyFrom;
    const ended = (): void => {
      this.#isOpen = false;
    };
    // An idle connection breaks with an event; one at work rejects besides.
    client.on('error', ended);
    client.on('end', ended);
    socket.on('error', ended);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async run(statements: readonly string[]): Promise<readonly (readonly Cell[])[]> {
    const answer: unknown = await this.#client.query<Cell[]>({
      text: statements.join(';\n'),
      rowMode: 'array',
    });
    // One result for one statement, else a list of them.
    const results = (Array.isArray(answer) ? answer : [answer]) as readonly { rows: Cell[][] }[];
    return results.flatMap(({ rows }) => rows);
  }

  readonly copy = (statement: string, rows: Iterable<Uint8Array>): Promise<void> =>
    pipeline(
      Readable.from(rows, { objectMode: false }),
      this.#client.query(this.#copyFrom(statement)),
    );

  destroy(): void {
    this.#isOpen = false;
    this.#socket.destroy();
  }
}

import { isIP, Socket } from 'node:net';
import type * as MysqlModule from 'mysql2/promise';
import { onAbort, untilAborted } from '#pump';
import type { MysqlTarget } from '../dsn/mysql.ts';
import type { Cell, Connection, Driver } from './driver.ts';
import { errnoOf, judgeMysql } from './mysql-error.ts';
import { exportsOf } from './packages.ts';

type Library = typeof MysqlModule;
type Mysql = MysqlModule.Connection;

export function mysqlDriver(target: MysqlTarget): Driver {
  let library: Promise<Library> | undefined;
  return {
    async connect(signal) {
      library ??= import('mysql2/promise');
      const { createConnection } = exportsOf(await library);
      const { tls } = target;
      if (tls !== 'preferred') return open(createConnection, target, tls !== 'none', signal);
      try {
        return await open(createConnection, target, true, signal);
      } catch (error) {
        if (signal.aborted || !hasNoTls(error)) throw error;
        return open(createConnection, target, false, signal);
      }
    },
    judge: judgeMysql,
    // The name of an index, or of a column.
    isAlreadyThere: (error) => [1060, 1061].includes(errnoOf(error) ?? 0),
  };
}

/**
 * Says what the server's certificate is compared with: the address that the socket is connected to. The library asks for names
 * alone (an address is none in SNI), and Node then takes what it noted of the socket, which of an address is nothing, and after
 * that "localhost".
 */
function comparedWith(socket: Socket, host: string): void {
  if (isIP(host) !== 0) Object.assign(socket, { _host: host });
}

const hasNoTls = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT';

async function open(
  createConnection: Library['createConnection'],
  target: MysqlTarget,
  hasTls: boolean,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const { place, user, password, database, collation, connectTimeout } = target;
  const socket = new Socket();
  if ('host' in place) comparedWith(socket, place.host);
  const stop = onAbort(signal, () => socket.destroy());
  const isVerified = target.tls === 'verified';
  const options: MysqlModule.ConnectionOptions = {
    ...('socket' in place ? {} : { host: place.host, port: place.port }),
    stream: () =>
      'socket' in place ? socket.connect(place.socket) : socket.connect(place.port, place.host),
    user,
    password,
    database,
    charset: collation ?? 'utf8mb4',
    ...(hasTls ? { ssl: { rejectUnauthorized: isVerified, verifyIdentity: isVerified } } : {}),
    ...(connectTimeout === 0 ? {} : { connectTimeout }),
    rowsAsArray: true,
    supportBigNumbers: true,
  };
  try {
    const mysql = await untilAborted(createConnection(options), signal);
    const connection = new MysqlConnection(mysql, socket);
    try {
      await connection.begin(target);
    } catch (error) {
      connection.destroy();
      throw error;
    }
    return connection;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    stop();
  }
}

/** Half of what the server takes: a statement is measured in characters. */
const shareOfPacket = 0.5;

class MysqlConnection implements Connection {
  readonly #mysql: Mysql;
  readonly #socket: Socket;
  /** The library forgets what is under way on a connection that is destroyed: nobody would ever hear of it. */
  readonly #ended = new AbortController();
  #maxStatement = 512 * 1024;

  constructor(mysql: Mysql, socket: Socket) {
    this.#mysql = mysql;
    this.#socket = socket;
    const ended = (): void => this.#ended.abort(lost());
    mysql.on('error', ended);
    socket.on('close', ended);
  }

  get isOpen(): boolean {
    return !this.#ended.signal.aborted;
  }

  get maxStatement(): number {
    return this.#maxStatement;
  }

  /** Backslashes are escapes here, whatever the server says elsewhere; locks of gaps would be in each other's way. */
  async begin({ settings }: MysqlTarget): Promise<void> {
    for (const [name, value] of settings) await this.run([`SET ${name} = ${value}`]);
    await this.run([
      "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')",
      'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    ]);
    const [row] = await this.run(['SELECT @@max_allowed_packet']);
    this.#maxStatement = Math.min(Number(row?.[0] ?? 0), 16 * 1024 * 1024) * shareOfPacket;
  }

  async run(statements: readonly string[]): Promise<readonly (readonly Cell[])[]> {
    const found: Cell[][] = [];
    for (const statement of statements) {
      const [rows] = await untilAborted(this.#mysql.query(statement), this.#ended.signal);
      // What is no query answers with one object.
      if (Array.isArray(rows)) found.push(...(rows as Cell[][]));
    }
    return found;
  }

  destroy(): void {
    this.#ended.abort(lost());
    this.#mysql.destroy();
    this.#socket.destroy();
  }
}

/** By its code it is known for a connection that was lost. */
const lost = (): Error =>
  Object.assign(new Error('The connection was closed.'), { code: 'PROTOCOL_CONNECTION_LOST' });

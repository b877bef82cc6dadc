/** What real clients and servers say to each other over TLS, with the key log of the client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import { createServer as createHttpsServer, request } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import { makeCertificates } from '../../test/services/certificates.ts';
import { until } from '../../test/services/process.ts';
import { ScriptedConnection } from './connection.testing.ts';

export type Said = readonly (readonly ['client' | 'server', Buffer])[];

export interface TlsTalk {
  readonly said: Said;
  /** Lines, as `SSLKEYLOGFILE` has them. */
  readonly keyLog: string;
}

export interface TlsWishes {
  readonly version: SecureVersion;
  readonly ciphers?: string;
  /** Groups of the server; one that the client does not begin with makes a second ClientHello. */
  readonly groups?: string;
  readonly isHttp2?: boolean;
}

/** Bodies of more than one record. */
export const longBody = 'long answer, '.repeat(3000);

/** Three calls on one connection: two GETs and a POST, whose answer is long. */
export async function callsOverTls(wishes: TlsWishes): Promise<TlsTalk> {
  const { key, cert } = await makeCertificates({ names: ['shop.example'] });
  const { version, ciphers, groups, isHttp2 = false } = wishes;
  const options = {
    ...{ key, cert, minVersion: version, maxVersion: version },
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(groups === undefined ? {} : { ecdhCurve: groups }),
  };
  const answer = (path: string): string => (path === '/long' ? longBody : `answer to ${path}`);
  const server = isHttp2
    ? createSecureServer(options, (asked, reply) => {
        asked.resume().on('end', () => reply.end(answer(asked.url)));
      })
    : createHttpsServer(options, (asked, reply) => {
        asked.resume().on('end', () => reply.end(answer(asked.url ?? '')));
      });
  return between(server, async (port, onSocket) => {
    const socket = connectTls({
      ...{ port, host: '127.0.0.1', servername: 'shop.example', rejectUnauthorized: false },
      ALPNProtocols: [isHttp2 ? 'h2' : 'http/1.1'],
    });
    onSocket(socket);
    await once(socket, 'secureConnect');
    if (isHttp2) await callsByHttp2(socket);
    else await callsByHttp1(socket);
    socket.destroy();
  });
}

const paths = ['/one', '/two', '/long'];

async function callsByHttp1(socket: TLSSocket): Promise<void> {
  for (const path of paths) {
    const asked = request({
      ...{ path, createConnection: () => socket, headers: { host: 'shop.example' } },
      method: path === '/long' ? 'POST' : 'GET',
      agent: undefined,
    });
    asked.setHeader('connection', 'keep-alive');
    asked.end(path === '/long' ? 'question' : undefined);
    const [reply] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
    reply.resume();
    await once(reply, 'end');
  }
}

async function callsByHttp2(socket: TLSSocket): Promise<void> {
  const session = connectHttp2('https://shop.example', { createConnection: () => socket });
  for (const path of paths) {
    const stream = session.request({
      ...{ ':path': path, ':method': path === '/long' ? 'POST' : 'GET' },
    });
    stream.end(path === '/long' ? 'question' : undefined);
    stream.resume();
    await once(stream, 'end');
  }
  session.close();
}

/** Calls of `openssl s_client`, which changes its keys between them: at first for both directions, then for its own. */
export async function callsWithNewKeys(): Promise<TlsTalk> {
  const { key, cert } = await makeCertificates({ names: ['shop.example'] });
  const server = createHttpsServer({ key, cert, minVersion: 'TLSv1.3' }, (asked, reply) => {
    reply.end(asked.url === '/long' ? longBody : `answer to ${asked.url}`);
  });
  const folder = await mkdtemp(path.join(tmpdir(), 'keylog-'));
  const file = path.join(folder, 'keys.log');
  try {
    const { said } = await between(server, async (port) => {
      const client = spawn('openssl', [
        ...['s_client', '-connect', `127.0.0.1:${port}`, '-servername', 'shop.example'],
        ...['-crlf', '-keylogfile', file],
      ]);
      let output = '';
      for (const stream of [client.stdout, client.stderr])
        stream.setEncoding('latin1').on('data', (text: string) => {
          output += text;
        });
      // It takes a letter for a command where it is the first of what it reads at once.
      for (const [line, answer] of [
        ['GET /one HTTP/1.1\nHost: a.example\n\n', 'answer to /one'],
        ['K\n', 'KEYUPDATE'],
        ['GET /two HTTP/1.1\nHost: a.example\n\n', 'answer to /two'],
        ['k\n', 'KEYUPDATE'],
        ['GET /long HTTP/1.1\nHost: a.example\n\n', longBody.slice(-100)],
      ] as const) {
        output = '';
        client.stdin.write(line);
        await until(`openssl says ${answer}`, () => output.includes(answer));
      }
      client.kill();
      await once(client, 'close');
    });
    return { said, keyLog: await readFile(file, 'latin1') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Listens in on what goes on between a server and who connects. */
export async function between(
  server: Server,
  talk: (port: number, onSocket: (socket: TLSSocket) => void) => Promise<void>,
): Promise<TlsTalk> {
  const said: ['client' | 'server', Buffer][] = [];
  let keyLog = '';
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets: Socket[] = [];
  const wire = createServer((client: Socket) => {
    const upstream = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('data', (bytes: Buffer) => said.push(['client', bytes]));
    upstream.on('data', (bytes: Buffer) => said.push(['server', bytes]));
    for (const each of [client, upstream]) each.on('error', () => undefined);
    client.pipe(upstream).pipe(client);
    sockets.push(client, upstream);
  }).listen(0, '127.0.0.1');
  await once(wire, 'listening');
  await talk((wire.address() as AddressInfo).port, (socket) => {
    socket.on('keylog', (line: Buffer) => {
      keyLog += line.toString('latin1');
    });
  });
  for (const each of sockets) each.destroy();
  const closed = [wire, server].map((each) => once(each, 'close'));
  for (const each of [wire, server]) each.close();
  await Promise.all(closed);
  return { said, keyLog };
}

/** It, as a connection of packets. */
export function replayed(said: Said, port: number, segmentSize = 1448): ScriptedConnection {
  const connection = new ScriptedConnection({
    server: { address: '10.0.0.9', port },
    segmentSize,
  }).open();
  for (const [from, bytes] of said) connection.say(from, bytes);
  return connection;
}

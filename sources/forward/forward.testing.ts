import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { type Exchange, systemClock } from '#source';
import { nothingWaits } from '../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { type MemoryLog, memoryLog } from '../../test/services/memory-log.ts';
import { type Authority, makeAuthority, readAuthority } from './certificates/authority.ts';
import { Leaves } from './certificates/leaves.ts';
import forward from './index.ts';

export interface ForwardUnderTest {
  readonly port: number;
  readonly url: string;
  readonly listensAt: readonly string[];
  readonly exchanges: readonly Exchange[];
  readonly metrics: CountingMetrics;
  readonly log: MemoryLog;
  /** Resolves to the first exchange that fits, once it is there. */
  readonly exchange: (fits?: (one: Exchange) => boolean) => Promise<Exchange>;
  stop(): Promise<void>;
}

/** The source, with options as an operator writes them, at a free port of the loopback. Rejects with what is wrong with them. */
export async function startForward(
  raw: Readonly<Record<string, unknown>> = {},
  { isRecording = true, bodyLimit = 1024 } = {},
): Promise<ForwardUnderTest> {
  const { source, problems } = prepare(raw);
  if (source === undefined) throw new Error(JSON.stringify(problems));
  const exchanges: Exchange[] = [];
  const waiting = new Set<() => void>();
  const [metrics, log] = [new CountingMetrics(), memoryLog()];
  const started = await source.start({
    ...{ name: 'forward', log, metrics, clock: systemClock, bodyLimit, isRecording },
    ...{ redis: undefined, writing: nothingWaits },
    record(exchange) {
      exchanges.push(exchange);
      for (const look of waiting) look();
    },
  });
  const url = new URL(started.listensAt[0] ?? '');
  return {
    ...{ port: Number(url.port), url: url.origin, listensAt: started.listensAt },
    ...{ exchanges, metrics, log },
    exchange: (fits = () => true) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = exchanges.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    stop: () => started.stop(AbortSignal.abort()),
  };
}

/** What is made of options, with every problem. */
export const prepare = (raw: Readonly<Record<string, unknown>>) =>
  forward.prepare({
    raw: 'datakit_conf' in raw ? raw : { port: 0, ...raw },
    ...{ source: 'capture.yaml', at: '', allowed: [] },
    ...{ env: {}, layers: [], unresolved: new Map() },
  });

export interface TestAuthority {
  readonly authority: Authority;
  /** Its key and certificate, for the owner alone; and the certificate for those who trust it. */
  readonly file: string;
  readonly certFile: string;
  readonly pem: string;
  remove(): Promise<void>;
}

export async function testAuthority(): Promise<TestAuthority> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-forward-'));
  const { text, certificate } = makeAuthority({ name: 'For tests', now: Date.now(), days: 2 });
  const authority = readAuthority(text);
  if (typeof authority === 'string') throw new Error(authority);
  const [file, certFile, pem] = [
    join(folder, 'ca.pem'),
    join(folder, 'ca.crt'),
    certificate.toString(),
  ];
  await writeFile(file, text, { mode: 0o600 });
  await writeFile(certFile, pem);
  return {
    ...{ authority, file, certFile, pem },
    remove: () => rm(folder, { recursive: true }),
  };
}

export interface Origin {
  readonly port: number;
  /** Names that clients have asked for by SNI. */
  readonly asked: readonly string[];
  readonly server: Server;
  stop(): void;
}

/** An HTTPS origin with certificates that the authority signs, for whatever name is asked for, or those given. */
export async function startTlsOrigin(
  { authority }: Pick<TestAuthority, 'authority'>,
  handle: RequestListener,
  options: ServerOptions = {},
): Promise<Origin> {
  const leaves = new Leaves(authority, systemClock);
  const asked: string[] = [];
  const server = createServer(
    {
      SNICallback: (host, done) => {
        asked.push(host);
        done(null, leaves.contextFor(host));
      },
      ...options,
    },
    handle,
  );
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...{ port: (server.address() as AddressInfo).port, asked, server },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const sockets = new Set<Socket>();

/** Every tunnel that a test has opened. */
export function closeTunnels(): void {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
}

/** A CONNECT by hand: the first line of its answer, and the socket behind it. */
export async function openTunnel(
  proxyPort: number,
  target: string,
  { headers = '', from = '127.0.0.1' } = {},
): Promise<{ readonly line: string; readonly socket: Socket; readonly head: string }> {
  const socket = connect({ port: proxyPort, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined);
  sockets.add(socket);
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${headers}\r\n`);
  let said = Buffer.alloc(0);
  while (!said.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    said = Buffer.concat([said, chunk]);
  }
  const end = said.indexOf('\r\n\r\n') + 4;
  socket.pause();
  if (end < said.length) socket.unshift(said.subarray(end));
  const head = said.subarray(0, end).toString('latin1');
  return { line: head.split('\r\n', 1)[0] ?? '', socket, head };
}

/** TLS in a tunnel, when its handshake is done; rejects with the client's own error. */
export async function secure(socket: Socket, options: ConnectionOptions): Promise<TLSSocket> {
  const tls = connectTls({ socket, ...options });
  await once(tls, 'secureConnect');
  tls.on('error', () => undefined);
  return tls;
}

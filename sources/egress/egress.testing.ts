import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestOptions,
  request,
} from 'node:http';
import { createServer as createHttps, type ServerOptions } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Exchange, systemClock } from '#source';
import { nothingWaits } from '../../src/capture/exchange.testing.ts';
import { parse } from '../../src/config/options/parse.testing.ts';
import { CountingMetrics } from '../../src/lib/metrics.testing.ts';
import { type MemoryLog, memoryLog } from '../../test/services/memory-log.ts';
import { listen } from '../shared/relay/relay.testing.ts';
import type { Lookup } from './call/resolver.ts';
import { startEgress } from './egress.ts';
import { options } from './options.ts';

export interface EgressUnderTest {
  readonly port: number;
  readonly url: string;
  /** Ports of the listeners of `ports`, in their order. */
  readonly ports: readonly number[];
  readonly exchanges: readonly Exchange[];
  readonly metrics: CountingMetrics;
  readonly log: MemoryLog;
  /** Names that were looked up. */
  readonly lookedUp: readonly string[];
  /** What `entries.yaml` says from now on; resolves when it counts, rejects where it is wrong. */
  rule(entries: string): Promise<void>;
  exchange(fits?: (one: Exchange) => boolean): Promise<Exchange>;
  /** Lines of the audit log, once there are so many. */
  audited(count: number): Promise<readonly Readonly<Record<string, string>>[]>;
  readonly auditFile: string;
  readonly entriesFile: string;
  stop(): Promise<void>;
}

interface Settings {
  readonly options?: Readonly<Record<string, unknown>>;
  /** Addresses by name; `127.0.0.1` for every other. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  readonly lookup?: Lookup;
  readonly files?: Readonly<Record<string, string | Buffer>>;
  readonly isRecording?: boolean;
}

/** The source, with rules and options as an operator writes them, at free ports of the loopback. */
export async function startEntry(
  entries: string,
  settings: Settings = {},
): Promise<EgressUnderTest> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-egress-'));
  const at = (name: string): string => path.join(folder, name);
  for (const [name, content] of Object.entries(settings.files ?? {}))
    await writeFile(at(name), content);
  await writeFile(at('entries.yaml'), entries);
  const { value, errors } = parse(options, {
    listen: '127.0.0.1:0',
    entries: [at('entries.yaml')],
    audit_log: at('audit.log'),
    ...settings.options,
  });
  if (value === undefined) throw new Error(errors.join('\n'));
  const lookedUp: string[] = [];
  const lookup: Lookup = async (name) => {
    lookedUp.push(name);
    return settings.lookup?.(name) ?? settings.names?.[name] ?? ['127.0.0.1'];
  };
  const exchanges: Exchange[] = [];
  const waiting = new Set<() => void>();
  const [metrics, log] = [new CountingMetrics(), memoryLog()];
  const source = await startEgress(
    value,
    {
      ...{ name: 'egress', log, metrics, clock: systemClock, redis: undefined },
      ...{ bodyLimit: 64 * 1024, writing: nothingWaits, isRecording: settings.isRecording ?? true },
      record(exchange) {
        exchanges.push(exchange);
        for (const look of waiting) look();
      },
    },
    lookup,
  ).catch(async (error: unknown) => {
    await rm(folder, { recursive: true });
    throw error;
  });
  const [port = 0, ...ports] = source.listensAt.map((url) => Number(new URL(url).port));
  return {
    ...{ port, ports, url: `http://127.0.0.1:${port}`, exchanges, metrics, log, lookedUp },
    ...{ auditFile: at('audit.log'), entriesFile: at('entries.yaml') },
    async audited(count) {
      for (;;) {
        const lines = (await readFile(at('audit.log'), 'utf8')).split('\n').filter(Boolean);
        if (lines.length >= count)
          return lines.map((line) => JSON.parse(line) as Record<string, string>);
        await new Promise(setImmediate);
      }
    },
    async rule(text) {
      await writeFile(at('entries.yaml'), text);
      await source.reload?.();
    },
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
    async stop() {
      await source.stop(AbortSignal.abort());
      await rm(folder, { recursive: true });
    },
  };
}

export interface TlsOrigin {
  readonly port: number;
  /** Names that clients have asked for by SNI; undefined: none. */
  readonly asked: readonly (string | undefined)[];
  stop(): Promise<void>;
}

/** An HTTPS origin. */
export async function startTlsOrigin(
  options: ServerOptions,
  handle: RequestListener,
): Promise<TlsOrigin> {
  const asked: (string | undefined)[] = [];
  const server = createHttps(options, handle);
  server.on('secureConnection', (socket) => asked.push(socket.servername || undefined));
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  return {
    ...{ port, asked },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** One request on a connection of its own. */
export async function ask(
  port: number,
  { body, ...options }: RequestOptions & { readonly body?: string },
): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, agent: false, ...options });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const { statusCode: status = 0, headers } = answer;
  return { status, headers, body: Buffer.concat(chunks).toString() };
}

/** A request of absolute form, as a client with `http_proxy` sends it. */
export const askFor = (
  { port }: Pick<EgressUnderTest, 'port'>,
  url: string,
  options: Omit<RequestOptions, 'headers'> & {
    readonly body?: string;
    readonly headers?: OutgoingHttpHeaders;
  } = {},
): Promise<Answer> =>
  ask(port, { ...options, path: url, headers: { host: new URL(url).host, ...options.headers } });

const opened = new Set<Socket>();

/** Closes what `tunnel` has opened. */
export function closeTunnels(): void {
  for (const socket of opened) socket.destroy();
  opened.clear();
}

/** A CONNECT by hand: its status, what was answered, and the socket behind it. */
export async function tunnel(
  port: number,
  target: string,
): Promise<{ readonly status: number; readonly head: string; readonly socket: Socket }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  opened.add(socket);
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  let said = '';
  while (!said.includes('\r\n\r\n')) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    said += chunk.toString('latin1');
  }
  socket.pause();
  const [head = '', ...rest] = said.split('\r\n\r\n');
  const behind = rest.join('\r\n\r\n');
  if (behind !== '') socket.unshift(Buffer.from(behind, 'latin1'));
  return { status: Number(head.split(' ')[1]), head: said, socket };
}

/** All that a socket says until it ends. */
export async function allOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  if (!socket.readableEnded && !socket.destroyed)
    await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  return Buffer.concat(chunks);
}

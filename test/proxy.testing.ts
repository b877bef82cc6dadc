import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { LocalServer } from '#pump/testing';

export interface ProxyBehaviour {
  /** What it wants to hear before it does anything; undefined: nothing. */
  readonly credentials?: string;
  /** What it answers to everything in place of doing it. */
  readonly refusal?: number;
  /** It takes requests and answers none. */
  readonly isStalled?: boolean;
  readonly tls?: TlsOptions;
}

/** A proxy of a test's own: tunnels, and requests that name their server. Every server is on this machine. */
export class TestProxy {
  /** `CONNECT host:port`, `POST http://host:port/path`. */
  readonly asked: string[] = [];
  readonly #behaviour: ProxyBehaviour;
  readonly #local: LocalServer;
  readonly #onward = new Set<Socket>();

  private constructor(behaviour: ProxyBehaviour) {
    this.#behaviour = behaviour;
    const { tls } = behaviour;
    this.#local = new LocalServer(() => {
      const server = tls === undefined ? createServer() : createTlsServer(tls);
      server.on('connect', (asking: IncomingMessage, socket: Socket, head: Buffer) =>
        this.#tunnel(asking, socket, head),
      );
      server.on('request', (asking, answer) => this.#pass(asking, answer));
      return server;
    });
  }

  static async start(behaviour: ProxyBehaviour = {}): Promise<TestProxy> {
    const proxy = new TestProxy(behaviour);
    await proxy.#local.listen();
    return proxy;
  }

  /** Its address, with what it wants to hear. */
  get url(): string {
    const { tls, credentials } = this.#behaviour;
    const login = credentials === undefined ? '' : `${credentials}@`;
    return `${tls === undefined ? 'http' : 'https'}://${login}127.0.0.1:${this.#local.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#onward) socket.destroy();
    await this.#local.close();
  }

  #refusal({ headers }: IncomingMessage): number | undefined {
    const { credentials, refusal } = this.#behaviour;
    const expected = `Basic ${Buffer.from(decodeURIComponent(credentials ?? '')).toString('base64')}`;
    const isKnown = credentials === undefined || headers['proxy-authorization'] === expected;
    return isKnown ? refusal : 407;
  }

  #tunnel(asking: IncomingMessage, socket: Socket, head: Buffer): void {
    this.asked.push(`CONNECT ${asking.url ?? ''}`);
    if (this.#behaviour.isStalled === true) return;
    const status = this.#refusal(asking);
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const onward = connect(Number(asking.url?.split(':').at(-1)), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    this.#onward.add(onward);
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
  }

  #pass(asking: IncomingMessage, answer: ServerResponse): void {
    this.asked.push(`${asking.method ?? ''} ${asking.url ?? ''}`);
    if (this.#behaviour.isStalled === true) return;
    const status = this.#refusal(asking);
    if (status !== undefined) {
      answer.writeHead(status).end('<html>A page of the proxy.</html>');
      return;
    }
    const { port, pathname, search } = new URL(asking.url ?? '');
    const headers = { ...asking.headers };
    delete headers['proxy-authorization'];
    const onward = request(
      { host: '127.0.0.1', port, path: pathname + search, method: asking.method, headers },
      (said) => {
        answer.writeHead(said.statusCode ?? 500, said.headers);
        said.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    asking.pipe(onward);
  }
}

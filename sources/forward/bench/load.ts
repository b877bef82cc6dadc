import { Agent, request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Measured } from './exposition.ts';

export interface Load {
  readonly url: URL;
  /** Undefined: without a proxy. */
  readonly proxy: URL | undefined;
  readonly clients: number;
  readonly requests: number;
  readonly body: Buffer;
  /** The authorities that are trusted, in PEM; undefined: those that Node.js knows. */
  readonly ca: string | undefined;
}

/** So many clients at once, each with a connection that it keeps, and so many requests one after the other. Rejects at the first that fails. */
export async function run(load: Load): Promise<Measured> {
  const byStatus = new Map<string, number[]>();
  const agents = Array.from({ length: load.clients }, () => agentOf(load));
  const start = performance.now();
  try {
    await Promise.all(
      agents.map(async (agent) => {
        for (let sent = 0; sent < load.requests; sent++) {
          const before = performance.now();
          const status = await post(load, agent);
          const took = (performance.now() - before) / 1000;
          const known = byStatus.get(status);
          if (known === undefined) byStatus.set(status, [took]);
          else known.push(took);
        }
      }),
    );
  } finally {
    for (const agent of agents) agent.destroy();
  }
  return {
    elapsedSeconds: (performance.now() - start) / 1000,
    byStatus,
    bodyBytes: load.body.length,
    api: load.url.pathname,
  };
}

const post = ({ url, body }: Load, agent: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'text/plain', 'Content-Length': String(body.length) };
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () =>
        resolve(`${response.statusCode ?? 0} ${response.statusMessage ?? ''}`),
      );
      response.on('error', reject);
    });
    // Without this the last packet of a body waits for the acknowledgement of the one before.
    sent.setNoDelay(true);
    sent.on('error', reject);
    sent.end(body);
  });

/** One connection, through the proxy where there is one. */
function agentOf({ url, proxy, ca }: Load): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ...(ca === undefined ? {} : { ca }) });
  if (proxy === undefined) return agent;
  const open = (_: unknown, done: (error: Error | null, socket?: Socket) => void): undefined => {
    tunnel(url, proxy).then(
      (socket) => {
        const trusted = ca === undefined ? {} : { ca };
        done(null, connectTls({ socket, servername: url.hostname, ...trusted }));
      },
      (error: unknown) => done(error as Error),
    );
  };
  return Object.assign(agent, { createConnection: open });
}

function tunnel(url: URL, proxy: URL): Promise<Socket> {
  const target = `${url.hostname}:${url.port === '' ? '443' : url.port}`;
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization =
    user === ':' ? '' : `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connectTcp({
      host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(proxy.port === '' ? 80 : proxy.port),
      noDelay: true,
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the proxy closed the connection')));
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
    let said = '';
    socket.on('data', function onData(chunk: Buffer) {
      said += chunk.toString('latin1');
      if (!said.includes('\r\n\r\n')) return;
      socket.off('data', onData);
      const [first = ''] = said.split('\r\n');
      if (/^HTTP\/1\.[01] 2/.test(first)) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy answered CONNECT with ${first}`));
      }
    });
  });
}

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#source';
import type { Authority } from '../certificates/authority.ts';
import { Leaves } from '../certificates/leaves.ts';

/** An HTTPS server at 127.0.0.1 that takes any `POST /v1/write/…`, and answers 200 when it has all of it. */
export async function startWriteServer(
  authority: Authority,
): Promise<{ readonly url: string; close(): void }> {
  const leaves = new Leaves(authority, systemClock);
  const server: Server = createServer(
    { SNICallback: (host, done) => done(null, leaves.contextFor(host)) },
    (request, response) => {
      const isWrite = request.method === 'POST' && /^\/v1\/write\//.test(request.url ?? '');
      request.resume();
      request.on('end', () => {
        response.writeHead(isWrite ? 200 : 404, { 'Content-Length': '0' }).end();
      });
    },
  );
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${port}/v1/write/xxx`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

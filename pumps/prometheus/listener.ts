import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createPageServer, explain, type HostPort, type PageHandler, shownHostPort } from '#pump';

/** A server of our own with one page. */
export interface Listener {
  readonly port: number;
  isListening(): boolean;
  close(): Promise<void>;
}

/** Resolves once the page can be asked for; rejects where the address is taken or not ours. */
export async function listen(
  { host, port }: HostPort,
  path: string,
  handler: PageHandler,
  signal: AbortSignal,
): Promise<Listener> {
  const server = createPageServer((request, response) => {
    if ((request.url ?? '/').replace(/\?.*$/s, '') === path) handler(request, response);
    else {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('404 page not found\n');
    }
  });
  server.listen({ port, ...(host === '' ? {} : { host }) });
  try {
    await once(server, 'listening', { signal });
  } catch (error) {
    await close(server);
    throw new Error(reasonOf(error, shownHostPort({ host, port })), { cause: error });
  }
  return {
    port: (server.address() as AddressInfo).port,
    isListening: () => server.listening,
    close: () => close(server),
  };
}

function reasonOf(error: unknown, address: string): string {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  return isTaken
    ? `listen_address ${address} is in use: by another prometheus pump, which needs an address of its own, or by another program`
    : `the page cannot be served at listen_address ${address}: ${explain(error)}`;
}

/** Ends requests under way too: a scrape is no reason to delay a stop. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

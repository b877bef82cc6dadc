import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Arrived } from '../arrived.ts';

/** The server of the plugin in docs/plugins.md: it takes lines of JSON, and refuses a request with a certain record in it. */
export interface EventsServer {
  readonly url: string;
  /** How often each alias arrived. */
  readonly arrived: Arrived;
  stop(): Promise<void>;
}

/** `poison`: the alias of the record it refuses, with words in which it repeats what was signed in with. */
export async function startEventsServer(token: string, poison: string): Promise<EventsServer> {
  const arrived = new Map<string, number>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('error', () => undefined);
    request.on('end', () => {
      if (request.headers.authorization !== `Bearer ${token}`) return response.writeHead(401).end();
      const lines = Buffer.concat(parts).toString().split('\n').slice(0, -1);
      const aliases = lines.map((line) => (JSON.parse(line) as { readonly alias: string }).alias);
      if (aliases.includes(poison))
        return response.writeHead(422).end(`${token} may not send ${poison}`);
      for (const alias of aliases) arrived.set(alias, (arrived.get(alias) ?? 0) + 1);
      return response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

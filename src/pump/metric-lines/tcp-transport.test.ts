import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { LocalServer } from '../testing/local-server.ts';
import { TcpTransport } from './tcp-transport.ts';

let server: LocalServer | undefined;
afterEach(() => server?.close());

it('gives up on a daemon that talks without end', async () => {
  server = new LocalServer(() =>
    createServer((socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(Buffer.alloc(16_384)));
      };
      socket.on('drain', more);
      more();
    }),
  );
  await server.listen();
  const transport = new TcpTransport({ host: '127.0.0.1', port: server.port });

  const health = await transport.check(AbortSignal.timeout(30_000));

  expect(health).toMatchObject({
    state: 'down',
    reason: expect.stringContaining('talks on and on') as string,
  });
});

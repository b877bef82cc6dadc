import { request as ask, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { limitBody } from './request-body.ts';

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** Sends `size` bytes, and goes on without end where that is infinite; the status, and how many were taken. */
async function post(size: number, isAnsweredFirst: boolean) {
  server = createServer((request, response) => {
    limitBody(request, response);
    const answer = (): void => {
      if (!response.headersSent) response.end('page');
    };
    if (isAnsweredFirst) answer();
    else request.on('end', answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let sent = 0;
  const status = await new Promise<number | undefined>((resolve) => {
    let given: number | undefined;
    const outgoing = ask({ port, host: '127.0.0.1', method: 'POST' }, (response) => {
      given = response.statusCode;
      response.resume();
      if (Number.isFinite(size)) resolve(given);
    });
    outgoing.on('error', () => undefined);
    outgoing.on('close', () => resolve(given));
    const more = (): void => {
      while (sent < size && !outgoing.destroyed) {
        sent += 8_192;
        if (!outgoing.write(Buffer.alloc(8_192))) return;
      }
      if (sent >= size) outgoing.end();
    };
    outgoing.on('drain', more);
    more();
  });
  return status;
}

it('lets a small body pass', async () => {
  expect(await post(16_384, false)).toBe(200);
});

it('ends a request whose body has no end, with words', async () => {
  expect(await post(Number.POSITIVE_INFINITY, false)).toBe(413);
});

it('ends one that goes on after its answer too', async () => {
  expect(await post(Number.POSITIVE_INFINITY, true)).toBe(200);
});

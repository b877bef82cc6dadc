import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { probeAdmin } from './probe-admin.ts';

const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => once(server.close(), 'close')));
});

/** Somebody who listens and answers with this page. */
async function somebody(page: string): Promise<number> {
  const server = createServer((_, response) => response.end(page));
  servers.push(server);
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const probe = (port: number) =>
  probeAdmin({ name: 'health', address: '127.0.0.1', port }, new AbortController().signal);

it('finds a free port up, and leaves it free', async () => {
  const port = await somebody('');
  await once((servers.pop() as Server).close(), 'close');

  expect(await probe(port)).toEqual({ state: 'up' });
  expect(await probe(port)).toEqual({ state: 'up' });
});

it('finds a port that another program has down, with the options that choose it', async () => {
  expect(await probe(await somebody('hello'))).toEqual({
    state: 'down',
    reason: expect.stringContaining('health_check_endpoint_port') as unknown,
  });
});

it('knows a Sluice that runs there', async () => {
  const port = await somebody('# TYPE sluice_route_up gauge\nsluice_route_up{route="A"} 1\n');
  expect(await probe(port)).toMatchObject({ state: 'unknown' });
});

it('says an address that is not of this machine', async () => {
  const health = { name: 'health', address: '192.0.2.1', port: 1 };
  expect(await probeAdmin(health, new AbortController().signal)).toMatchObject({ state: 'down' });
});

it('knows a Sluice that runs there with TLS', async () => {
  const { cert, key } = await makeCertificates();
  const server = createSecureServer({ cert, key }, (_, response) => {
    response.end('# TYPE sluice_route_up gauge\nsluice_route_up{route="A"} 1\n');
  });
  servers.push(server);
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  expect(await probe((server.address() as AddressInfo).port)).toMatchObject({ state: 'unknown' });
});

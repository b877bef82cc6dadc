import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { makeCertificates } from '../../test/services/certificates.ts';
import { systemClock } from '../lib/clock.ts';
import { type LiveCommand, live } from './live.ts';
import { aConfig, aContext, aLoaded } from './testing.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const command = { kind: 'live', flags: { conf: 'pump.conf' } } as LiveCommand;

it.each([
  [200, 0, 'out'],
  [503, 1, 'err'],
] as const)('says what a page of status %d means: exit code %d', async (status, code, stream) => {
  const port = await listening((response) => response.writeHead(status).end('words'));
  const context = aContextAt(port);

  expect(await live(command, context)).toBe(code);
  expect(context[stream]()).toBe(`http://127.0.0.1:${port}/live: ${status}\n`);
});

it('gives up on a service that does not answer when it is told to stop', async () => {
  const stop = new AbortController();
  const port = await listening(() => stop.abort());
  const context = aContextAt(port, stop.signal);

  expect(await live(command, context)).toBe(1);
  expect(context.err()).toContain(`http://127.0.0.1:${port}/live: `);
});

function aContextAt(port: number, signal?: AbortSignal) {
  const health = { ...aConfig().health, address: '', port };
  return aContext({
    clock: systemClock,
    ...(signal === undefined ? {} : { signal }),
    load: () => Promise.resolve(aLoaded(aConfig({ health }))),
  });
}

async function listening(answer: (response: ServerResponse) => unknown): Promise<number> {
  server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

it('asks over TLS where the service speaks it, whoever the certificate is for', async () => {
  const { certFile, keyFile, cert, key } = await makeCertificates({ names: ['sluice.example'] });
  const secure = createSecureServer({ cert, key }, (_, response) => response.end());
  server = secure;
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const { port } = secure.address() as AddressInfo;
  const health = { ...aConfig().health, address: '', port };
  const admin = { hasConsole: true, users: [], tls: { certFile, keyFile } };
  const load = () => Promise.resolve(aLoaded(aConfig({ health, admin })));
  const context = aContext({ clock: systemClock, load });

  expect(await live(command, context)).toBe(0);
  expect(context.out()).toBe(`https://127.0.0.1:${port}/live: 200\n`);
});

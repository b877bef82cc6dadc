/**
 * The demo that `sluice capture` looks at: `shop` (the API), `services` (whom it asks) and `client` (who asks it), a process
 * each. Plain TypeScript without dependencies: Node 24 runs it as it is, older releases with `--import tsx`. Each prints lines of JSON.
 */
import { once } from 'node:events';
import { lstatSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { live } from './client/life.ts';
import { certificateFor } from './http/certificates.ts';
import { serverOf } from './http/serve.ts';
import { paymentsRoutes, ratesRoutes, stockRoutes } from './services/routes.ts';
import { Neighbours } from './shop/neighbours.ts';
import { shopRoutes } from './shop/routes.ts';

const usage = `usage: main.ts services --folder DIR [--payments HOST:PORT] [--rates HOST:PORT]
       main.ts shop --folder DIR --payments URL --rates URL [--listen HOST:PORT|PATH] [--ca FILE] [--proxy URL] [--tls NAME]
       main.ts client --url URL [--connect HOST:PORT|PATH] [--ca FILE] [--seconds N] [--pause MS]

  --folder   where services leave the certificate of their authority (ca.pem) and listen at a Unix socket (stock.sock)
  --payments, --rates, --listen   where to listen, or of the shop whom to ask; port 0: any that is free
  --ca       authorities to trust, in PEM; of the shop left out: ca.pem of the folder
  --proxy    a forward proxy for what the shop asks over TCP
  --tls      the shop speaks TLS only, with a certificate for NAME by an authority whose certificate is shop-ca.pem of the folder
  --seconds  how long the client lives (0: until it is stopped)
`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ folder: { type: 'string' }, payments: { type: 'string' }, rates: { type: 'string' } },
    ...{ listen: { type: 'string' }, ca: { type: 'string' }, proxy: { type: 'string' } },
    ...{ tls: { type: 'string' }, url: { type: 'string' }, connect: { type: 'string' } },
    ...{ seconds: { type: 'string' }, pause: { type: 'string' } },
  },
});

const roles: Readonly<Record<string, () => Promise<void>>> = { services, shop, client };
const role = roles[positionals[0] ?? ''];
if (role === undefined || positionals.length > 1) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else await role();

/** Payments over TLS, rates in the clear, stock at a Unix socket. */
async function services(): Promise<void> {
  const folder = needed('folder');
  const certificate = certificateFor('localhost', path.join(folder, 'ca.pem'));
  const servers = [
    await listen(serverOf(paymentsRoutes, certificate), 'payments', flags.payments),
    await listen(serverOf(ratesRoutes), 'rates', flags.rates),
    await listen(serverOf(stockRoutes), 'stock', path.join(folder, 'stock.sock')),
  ];
  onStop(() => closeAll(servers));
}

async function shop(): Promise<void> {
  const folder = needed('folder');
  const neighbours = new Neighbours({
    payments: new URL(needed('payments')),
    rates: new URL(needed('rates')),
    stockSocket: path.join(folder, 'stock.sock'),
    caFile: flags.ca ?? path.join(folder, 'ca.pem'),
    proxy: flags.proxy === undefined ? undefined : new URL(flags.proxy),
  });
  const certificate =
    flags.tls === undefined
      ? undefined
      : certificateFor(flags.tls, path.join(folder, 'shop-ca.pem'));
  const server = await listen(serverOf(shopRoutes(neighbours), certificate), 'shop', flags.listen);
  onStop(() => {
    say({ asked: neighbours.calls });
    closeAll([server]);
  });
}

async function client(): Promise<void> {
  const seconds = Number(flags.seconds ?? 10);
  const there = flags.connect === undefined ? undefined : placeOf(flags.connect);
  const options = {
    url: new URL(needed('url')),
    socketPath: there !== undefined && 'path' in there ? there.path : undefined,
    address: there !== undefined && 'port' in there ? there : undefined,
    caFile: flags.ca,
    duration: seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1000,
    pause: Number(flags.pause ?? 20),
  };
  onStop(() => process.exit());
  say({ ...(await live(options, (millis) => wait(millis))) });
  process.exit();
}

function needed(name: keyof typeof flags): string {
  const value = flags[name];
  if (value !== undefined) return value;
  process.stderr.write(`--${name} is missing\n\n${usage}`);
  process.exit(2);
}

/** Listens, and says where: `{"listens":"shop","at":"127.0.0.1:4711"}`. */
async function listen(server: Server, name: string, at = '127.0.0.1:0'): Promise<Server> {
  const place = placeOf(at);
  // What a process that was killed has left.
  if ('path' in place && lstatSync(place.path, { throwIfNoEntry: false })?.isSocket() === true)
    rmSync(place.path);
  server.listen(place);
  await once(server, 'listening');
  const address = server.address() as AddressInfo | string;
  say({
    listens: name,
    at: typeof address === 'string' ? address : `${address.address}:${address.port}`,
  });
  return server;
}

/** `HOST:PORT`, `:PORT` for all addresses, or the path of a Unix socket. */
function placeOf(
  text: string,
): { readonly path: string } | { readonly host: string; readonly port: number } {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(text) ?? [];
  return port === undefined
    ? { path: text }
    : { host: host === '' ? '0.0.0.0' : host, port: Number(port) };
}

function closeAll(servers: readonly Server[]): void {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
}

function onStop(stop: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

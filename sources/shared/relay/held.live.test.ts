/*
 * What a relay holds of calls that are all held up in the middle, by a side that takes no more. Over Unix sockets, of which
 * the kernel buffers little, so that few megabytes fill all that is on the way.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Child, launch, until } from '../../../test/services/process.ts';

const calls = 200;
const chunk = Buffer.alloc(64 * 1024);
const size = 64 * 1024 * 1024;
const kib = 1024;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'sluice-held-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Bytes that a relay has in buffers for each of the calls that `begin` begins. */
async function heldByEach(mode: string, begin: (address: string) => Socket): Promise<number> {
  const [origin, front] = [`${folder}/origin`, `${folder}/front`];
  const server = createServer((request, response) => {
    if (request.method === 'GET') pour(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(origin, resolve);
  });
  const child = launch(process.execPath, [
    ...['--expose-gc', '--conditions=source', '--import=tsx'],
    ...['sources/shared/relay/process.testing.ts', origin, mode, front, '2'],
  ]);
  await until('the relay listens', () => child.output().includes('listening at'));
  const before = await buffers(child, 1);
  const sockets = Array.from({ length: calls }, () => begin(front));
  let [asked, last] = [1, -1];
  // Until nothing moves any more.
  for (;;) {
    await delay(1000);
    asked += 1;
    const now = await buffers(child, asked);
    if (now === last) break;
    last = now;
  }
  for (const socket of sockets) socket.destroy();
  await child.stop();
  server.close();
  server.closeAllConnections();
  return (last - before) / calls;
}

async function buffers(child: Child, asked: number): Promise<number> {
  process.kill(child.pid, 'SIGUSR2');
  const said = (): RegExpMatchArray[] => [...child.output().matchAll(/^held (\d+)$/gm)];
  await until('the relay has told', () => said().length === asked);
  return Number(said().at(-1)?.[1]);
}

function pour(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Length': String(size) });
  const more = (): void => {
    while (response.write(chunk));
    response.once('drain', more);
  };
  more();
}

function download(address: string): Socket {
  const socket = connect(address);
  socket.on('error', () => undefined).pause();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  return socket;
}

function upload(address: string): Socket {
  const socket = connect(address);
  socket.on('error', () => undefined);
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  const more = (): void => {
    while (socket.write(chunk));
    socket.once('drain', more);
  };
  more();
  return socket;
}

test.for([
  ['downloads', download],
  ['uploads', upload],
] as const)('of %s that are held up, one chunk each', { timeout: 60_000 }, async ([, begin]) => {
  expect(await heldByEach('measured', begin)).toBeLessThan(96 * kib);
});

test('of bodies for records, what all calls may hold together', { timeout: 60_000 }, async () => {
  // Each would keep 64 KiB.
  const budget = 2 * kib * kib;
  expect(await heldByEach('bodies', upload)).toBeLessThan(96 * kib + budget / calls);
});

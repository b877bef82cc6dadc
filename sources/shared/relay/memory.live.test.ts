/*
 * Memory of a relay whose connections all stream at the same time, each held up in the middle by a side that does not
 * take more: the worst that there can be. 100 connections here; SLUICE_WHOLE=1 makes them the 2,000 of the promise.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { launch, until } from '../../../test/services/process.ts';
import { listen } from './relay.testing.ts';

const isWhole = process.env['SLUICE_WHOLE'] === '1';
const connections = isWhole ? 2000 : 100;
/** Megabytes of the promise; where there are fewer connections, beyond what the process has without one. */
const [promised, laziness, each] = [400, 80, 0.11];
const size = 10 * 1024 * 1024;

test.skipIf(process.platform !== 'linux')(
  `${connections} connections that stream 10 MB each way need little memory`,
  { timeout: 600_000 },
  async () => {
    const chunk = Buffer.alloc(64 * 1024);
    const origin = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
      if (request.method === 'GET') pour(response, chunk);
      else {
        // Nothing of it is taken for a while, in which the others begin. Longer would be no test of the relay: the kernel has
        // a bound for what all sockets of the machine hold, and lets none of them go on there.
        setTimeout(() => request.resume(), 3000);
        request.on('end', () => response.end('done'));
      }
    });
    const port = await listen(origin);
    const child = launch(process.execPath, [
      ...['--conditions=source', '--import=tsx'],
      ...['sources/shared/relay/process.testing.ts', String(port), 'bodies'],
    ]);
    await until('the relay listens', () => /listening at \d+/.test(child.output()));
    const relayPort = Number(/listening at (\d+)/.exec(child.output())?.[1]);

    const before = await highest(child.pid);
    const bound = isWhole ? promised : before + laziness + connections * each;
    const down = await Promise.all(Array.from({ length: connections }, () => download(relayPort)));
    await Promise.all(down.map((finish) => finish()));
    expect(child.isRunning(), child.output()).toBe(true);
    const up = Array.from({ length: connections }, () => upload(relayPort, chunk));
    await Promise.all(up.map(({ finished }) => finished));

    const peak = await highest(child.pid);
    console.log(
      `the relay's memory: ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most`,
    );
    await child.stop();
    origin.close();
    origin.closeAllConnections();
    expect(peak).toBeLessThan(bound);
  },
);

/** Megabytes that a process has held in memory at its highest. */
async function highest(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

function pour(response: ServerResponse, chunk: Buffer): void {
  response.writeHead(200, { 'Content-Length': String(size) });
  let left = size;
  const more = (): void => {
    while (left > 0) {
      left -= chunk.length;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

/** Stops reading once the answer has begun; what it resolves to reads the rest. */
async function download(port: number): Promise<() => Promise<void>> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await once(socket, 'readable');
  return async () => {
    let length = 0;
    socket.on('data', (data: Buffer) => {
      length += data.length;
    });
    await once(socket, 'end');
    expect(length).toBeGreaterThan(size);
  };
}

function upload(port: number, chunk: Buffer): { readonly finished: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
  );
  return {
    finished: Promise.all([sendAll(socket, chunk), answered(socket)]).then(() => undefined),
  };
}

async function sendAll(socket: Socket, chunk: Buffer): Promise<void> {
  for (let sent = 0; sent < size; sent += chunk.length)
    if (!socket.write(chunk)) await once(socket, 'drain');
}

async function answered(socket: Socket): Promise<void> {
  let said = '';
  socket.on('data', (data: Buffer) => {
    said += data.toString('latin1');
  });
  await once(socket, 'end');
  expect(said).toContain('done');
}

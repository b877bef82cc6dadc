/*
 * Tunnels side by side: they read into one memory and write from what they share, so bytes of one must never turn up in
 * another, nor be overwritten while a slow side still has to take them.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import { joinSockets } from './join.ts';
import { closeAll, kinds, pair } from './tunnel.testing.ts';

afterEach(closeAll);

const terms = { idleTimeout: 60_000, clock: systemClock };

/** One direction: what is written at once, how often it waits, and how often the reader does (milliseconds). */
interface Course {
  readonly chunks: readonly number[];
  readonly writerPauses: readonly number[];
  readonly readerPauses: readonly number[];
}

const pauses = fc.array(fc.nat({ max: 4 }), { maxLength: 6 });
const course: fc.Arbitrary<Course> = fc.record({
  chunks: fc.array(
    fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 900_000 })),
    {
      maxLength: 12,
    },
  ),
  writerPauses: pauses,
  readerPauses: pauses,
});

/** Other bytes for each seed and at each place. */
function bytesOf(seed: number, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++)
    bytes[i] = ((at + i) * 31 + ((at + i) >>> 8) * 17 + seed * 101) % 256;
  return bytes;
}

async function write(socket: Socket, seed: number, { chunks, writerPauses }: Course) {
  const hash = createHash('sha256');
  let at = 0;
  for (const [index, length] of chunks.entries()) {
    const bytes = bytesOf(seed, at, length);
    hash.update(bytes);
    at += length;
    if (!socket.write(bytes)) await once(socket, 'drain');
    const pause = writerPauses[index];
    if (pause !== undefined) await delay(pause);
  }
  socket.end();
  return { bytes: at, digest: hash.digest('hex') };
}

async function read(socket: Socket, { readerPauses }: Course) {
  const hash = createHash('sha256');
  let bytes = 0;
  let reads = 0;
  const ended = once(socket, 'end');
  socket.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
    const pause = readerPauses[reads++];
    if (pause === undefined) return;
    socket.pause();
    void delay(pause * 5).then(() => socket.resume());
  });
  await ended;
  return { bytes, digest: hash.digest('hex') };
}

test.each(kinds)('tunnels of %s hand on each its own bytes, and count them', async (kind) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(course, course), { minLength: 1, maxLength: 4 }),
      async (courses) => {
        const runs = courses.map(async ([asked, answered], index) => {
          const [toClient, toServer] = [await pair(kind), await pair(kind)];
          const tunnel = joinSockets(toClient.near, toServer.near, terms);
          const [question, seenQuestion, answer, seenAnswer, outcome] = await Promise.all([
            write(toClient.far, index * 2, asked),
            read(toServer.far, asked),
            write(toServer.far, index * 2 + 1, answered),
            read(toClient.far, answered),
            tunnel.ended,
          ]);
          expect(seenQuestion).toEqual(question);
          expect(seenAnswer).toEqual(answer);
          expect(outcome).toEqual({
            bytesIn: question.bytes,
            bytesOut: answer.bytes,
            error: undefined,
          });
        });
        await Promise.all(runs);
        closeAll();
      },
    ),
    { numRuns: 6 },
  );
});

test('a tunnel that is killed while its memory is lent leaves that of others alone', async () => {
  const [toClient, toServer] = [await pair(), await pair()];
  const tunnel = joinSockets(toClient.near, toServer.near, terms);
  const all: Course = {
    chunks: Array<number>(100).fill(200_000),
    writerPauses: [],
    readerPauses: [1, 1, 1],
  };
  const written = write(toClient.far, 1, all);
  toServer.far.pause();
  const victims = [];
  for (let index = 0; index < 6; index++) {
    const [client, server] = [await pair(), await pair()];
    const victim = joinSockets(client.near, server.near, terms);
    client.far.write(Buffer.alloc(16_000_000, index));
    await until(() => server.near.writableLength > 0);
    victims.push({ server, victim });
  }
  await until(() => toServer.near.writableLength > 0);
  for (const [index, { server, victim }] of victims.entries()) {
    if (index % 2 === 0) server.far.resetAndDestroy();
    else victim.cut({ kind: 'aborted', words: 'for the test' });
    expect((await victim.ended).error).toBeDefined();
  }
  const seen = read(toServer.far, all);
  toServer.far.end();
  toClient.far.resume();
  toServer.far.resume();
  expect(await seen).toEqual(await written);
  expect((await tunnel.ended).error).toBeUndefined();
});

test('a hundred slow readers take one chunk of memory each', async () => {
  const joined: { readonly from: Socket; readonly to: Socket }[] = [];
  for (let index = 0; index < 100; index++) {
    const [toClient, toServer] = [await pair(), await pair()];
    toServer.far.pause();
    joinSockets(toClient.near, toServer.near, terms);
    joined.push({ from: toClient.far, to: toServer.near });
  }
  const before = process.memoryUsage().arrayBuffers;
  const chunk = Buffer.alloc(16_000_000);
  for (const { from } of joined) from.write(chunk);
  await until(() => joined.every(({ to }) => to.writableLength > 0));
  // And it stays so.
  await delay(50);
  for (const { to } of joined) expect(to.writableLength).toBeLessThanOrEqual(64 * 1024);
  const grown = process.memoryUsage().arrayBuffers - before - chunk.length;
  expect(grown).toBeLessThan(100 * 64 * 1024 + 4_000_000);
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await delay(5);
}

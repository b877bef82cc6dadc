import { expect, it } from 'vitest';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import type { Put } from './log-outlet.ts';
import { OutputPipe } from './output-pipe.ts';

const { signal } = new AbortController();
const nothing = new Uint8Array();

/** A pipe whose reader takes one write each time it is told to. */
function aPipe() {
  const clock = new FakeClock();
  const put: { bytes: string; done: (error?: Error) => void }[] = [];
  const taking: Put = (bytes, done) => {
    put.push({ bytes: Buffer.from(bytes).toString(), done });
    return false;
  };
  return { clock, put, pipe: new OutputPipe(taking, clock) };
}

it('adds nothing to a pipe whose reader has not taken what was given up', async () => {
  const { put, pipe } = aPipe();
  const first = new AbortController();
  const givenUp = pipe.write(Buffer.from('a'), first.signal);
  first.abort(new Error('deadline'));
  await expect(givenUp).rejects.toThrow('deadline');

  const second = pipe.write(Buffer.from('b'), signal);
  await Promise.resolve();
  expect(put.map(({ bytes }) => bytes)).toEqual(['a']);

  put[0]?.done();
  await expect.poll(() => put.length).toBe(2);
  put[1]?.done();
  await second;
});

it('is not up once nobody has read for a while, and says so without waiting', async () => {
  const { clock, put, pipe } = aPipe();
  const write = pipe.write(Buffer.from('a'), signal);
  await expect(pipe.write(nothing, signal)).resolves.toBeUndefined();

  await clock.advance(7_000);

  await expect(pipe.write(nothing, signal)).rejects.toThrow(
    'nobody has read standard output for 7 s',
  );
  put[0]?.done();
  await write;
  await expect(pipe.write(nothing, signal)).resolves.toBeUndefined();
});

it('is down for good once its reader is gone', async () => {
  const { put, pipe } = aPipe();
  const write = pipe.write(Buffer.from('a'), signal);
  put[0]?.done(new Error('write EPIPE'));
  await expect(write).rejects.toThrow('write EPIPE');
  await expect(pipe.write(nothing, signal)).rejects.toThrow('write EPIPE');
});

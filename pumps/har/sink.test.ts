import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { millis } from '#pump';
import { aBatch, aContext, aPreparedPump, FakeClock } from '#pump/testing';
import har from './index.ts';

const { signal } = new AbortController();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-har-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function aSink(options: object = {}, clock = new FakeClock()) {
  const pump = aPreparedPump(har, { folder, ...options });
  const sink = await pump.open(aContext({ clock }), signal);
  return { sink, clock };
}

/** How many entries each file has, which must be whole. */
async function entriesOf(): Promise<readonly number[]> {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { log } = JSON.parse(await readFile(join(folder, name), 'utf8')) as {
        readonly log: { readonly entries: readonly unknown[] };
      };
      return log.entries.length;
    }),
  );
}

describe('the har sink', () => {
  it('leaves a whole file behind after each batch', async () => {
    const { sink } = await aSink();

    for (const [at, size] of [1, 3, 2].entries()) {
      await sink.deliver(aBatch(size), signal);
      expect(await entriesOf()).toEqual([[1], [4], [6]][at]);
    }
    await sink.close(signal);
  });

  it('begins another file at its bounds, and in each process', async () => {
    const { sink, clock } = await aSink({ most_entries: 5, every: '1h' });
    await sink.deliver(aBatch(4), signal);
    await sink.deliver(aBatch(2), signal);
    await clock.advance(millis(3_600_000));
    await sink.deliver(aBatch(1), signal);
    const { sink: other } = await aSink({}, clock);
    await other.deliver(aBatch(3), signal);

    expect(await entriesOf()).toEqual([4, 2, 1, 3]);
    expect((await readdir(folder)).sort()[0]).toMatch(/^sluice-\d{8}T\d{6}Z-0001\.har$/);
    await Promise.all([sink.close(signal), other.close(signal)]);
  });

  it('begins another file before one becomes too large', async () => {
    const { sink } = await aSink({ most_bytes: '1KiB' });
    for (let batch = 0; batch < 3; batch++) await sink.deliver(aBatch(1), signal);

    expect((await entriesOf()).length).toBeGreaterThan(1);
    await sink.close(signal);
  });

  it('goes on in another file where somebody has deleted this one', async () => {
    const { sink } = await aSink();
    await sink.deliver(aBatch(1), signal);
    for (const name of await readdir(folder)) await rm(join(folder, name));

    await sink.deliver(aBatch(2), signal);

    expect(await entriesOf()).toEqual([2]);
    await sink.close(signal);
  });

  it('has names of files that cannot lead elsewhere', () => {
    expect(() => aPreparedPump(har, { folder, name: '../x' })).toThrow();
  });
});

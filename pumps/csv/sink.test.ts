import { describe, expect, it } from 'vitest';
import { csvDocument, type Shape } from '#pump';
import { aBatch, aContext, FakeClock, failureOf } from '#pump/testing';
import { settled } from '../../src/lib/fake-clock.testing.ts';
import { FakeFolder } from '../shared/files/folder.testing.ts';
import { fileNameAt } from './file-name.ts';
import type { Options } from './options.ts';
import { CsvSink } from './sink.ts';

const { signal } = new AbortController();

interface Around {
  readonly folder?: FakeFolder;
  readonly clock?: FakeClock;
  readonly document?: Shape;
}

function aSink(
  options: Partial<Options> = {},
  { folder = new FakeFolder(), clock = new FakeClock(), document = csvDocument }: Around = {},
) {
  const sink = new CsvSink(
    folder,
    { csv_dir: 'anywhere', fsync: 'batch', file_mode: 0o640, formulas: 'keep', ...options },
    aContext({ clock, document }),
  );
  const name = (): string => fileNameAt(clock.now());
  const lines = (): readonly string[] => folder.text(name()).split('\n').slice(0, -1);
  return { sink, folder, clock, name, lines };
}

describe('the csv sink', () => {
  it('begins a file with the names of the columns, once', async () => {
    const { sink, lines } = aSink();

    await sink.deliver(aBatch(1, { path: '/a' }), signal);
    await sink.deliver(aBatch(1, { path: '/b' }), signal);

    expect(lines().map((line) => line.split(',')[2])).toEqual(['Path', '/a', '/b']);
  });

  it('begins an empty file that somebody left with the names of the columns too', async () => {
    const { sink, folder, name, lines } = aSink();
    folder.files.set(name(), Buffer.alloc(0));

    await sink.deliver(aBatch(1), signal);

    expect(lines()[0]).toMatch(/^Method,Host,Path,/);
  });

  it('goes on after the rows that are there', async () => {
    const first = aSink();
    await first.sink.deliver(aBatch(1), signal);
    const second = aSink({}, first);

    await second.sink.deliver(aBatch(2), signal);

    expect(second.lines()).toHaveLength(4);
    expect(second.folder.files.size).toBe(1);
  });

  it('begins another file where the one that is there has other columns, and goes on with that', async () => {
    const before = aSink();
    await before.sink.deliver(aBatch(2), signal);
    const old = before.folder.text(before.name());
    const { sink, folder, clock } = aSink(
      {},
      { ...before, document: [{ key: 'path', value: { form: 'text', field: 'path' } }] },
    );

    await sink.deliver(aBatch(1, { path: '/a' }), signal);
    await sink.deliver(aBatch(1, { path: '/b' }), signal);
    await before.sink.deliver(aBatch(1), signal);

    expect(folder.text(fileNameAt(clock.now(), 2))).toBe('path\n/a\n/b\n');
    expect(folder.text(before.name())).toMatch(new RegExp(`^${escaped(old)}GET,.*\n$`));
    expect(folder.files.size).toBe(2);
  });

  it.each([
    ['rows without names', 'old\n'],
    ['the beginning of its names', 'Method,Host\n'],
  ])('begins another file beside %s', async (_, text) => {
    const { sink, folder, name, clock } = aSink();
    folder.files.set(name(), Buffer.from(text));

    await sink.deliver(aBatch(1), signal);

    expect(folder.text(name())).toBe(text);
    expect(folder.text(fileNameAt(clock.now(), 2))).toMatch(/^Method,Host,.*\nGET,.*\n$/);
  });

  it('has one file again in the next hour', async () => {
    const { sink, folder, name, clock } = aSink();
    folder.files.set(name(), Buffer.from('old\n'));
    await sink.deliver(aBatch(1), signal);
    await clock.advance(3_600_000);

    await sink.deliver(aBatch(1), signal);

    expect(folder.files.has(name())).toBe(true);
    expect(folder.files.size).toBe(3);
  });

  it('takes another file when the hour is over', async () => {
    const { sink, folder, clock } = aSink();
    await sink.deliver(aBatch(1), signal);
    await clock.advance(3_600_000);

    await sink.deliver(aBatch(1), signal);

    expect(folder.files.size).toBe(2);
  });

  it.each([
    ['batch', 1],
    ['never', 0],
  ] as const)('with fsync %s it waits for the disk %i times a batch', async (fsync, times) => {
    const { sink, folder } = aSink({ fsync });

    await sink.deliver(aBatch(3), signal);

    expect(folder.synced).toBe(times);
  });

  it('keeps the records when the disk is full, leaves the file as it was, and goes on later', async () => {
    const { sink, folder, name, lines } = aSink();
    await sink.deliver(aBatch(1), signal);
    const before = folder.text(name());
    folder.room = 100;

    const whenFull = await sink.deliver(aBatch(3), signal);
    const after = folder.text(name());
    folder.room = Number.POSITIVE_INFINITY;
    const later = await sink.deliver(aBatch(3), signal);

    expect(failureOf(whenFull.verdicts[2]).kind).toBe('throttled');
    expect(after).toBe(before);
    expect(later.verdicts.map(({ outcome }) => outcome)).toEqual(Array(3).fill('delivered'));
    expect(lines()).toHaveLength(5);
  });

  it('asks to wait while the file ends in half a row', async () => {
    const { sink, folder, name } = aSink();
    folder.files.set(name(), Buffer.from('a,b\nc,'));

    const { verdicts } = await sink.deliver(aBatch(1), signal);

    expect(verdicts).toMatchObject([
      { outcome: 'retry', after: 2_000, failure: { kind: 'throttled' } },
    ]);
  });

  it('does not write a batch that was aborted while it waited for the one before', async () => {
    const { sink, folder, lines } = aSink();
    const finish = folder.holdWrites();
    const first = sink.deliver(aBatch(1), signal);
    const abort = new AbortController();
    const second = sink.deliver(aBatch(1), abort.signal);

    abort.abort();
    const { verdicts } = await second;
    finish();
    await first;
    await sink.close(signal);

    expect(failureOf(verdicts[0]).kind).toBe('timeout');
    expect(lines()).toHaveLength(2);
  });

  it('writes nothing of a batch that was given up while the disk opened the file: its memory is used again', async () => {
    const folder = new FakeFolder();
    let finish = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const open = folder.open.bind(folder);
    folder.open = async (name) => {
      await opened;
      return open(name);
    };
    const { sink, name } = aSink({}, { folder });
    const abort = new AbortController();
    const batch = aBatch(3);
    const delivering = sink.deliver(batch, abort.signal);
    await settled();
    abort.abort();
    expect(failureOf((await delivering).verdicts[0]).kind).toBe('timeout');
    for (const { record } of batch) record.bytes.fill(0);
    finish();
    await sink.close(signal);

    expect(folder.text(name())).toBe('');
  });

  it('answers at once when aborted during a write that hangs, and closes all the same', async () => {
    const { sink, folder } = aSink();
    folder.holdWrites();
    const abort = new AbortController();
    const delivery = sink.deliver(aBatch(1), abort.signal);

    abort.abort();

    expect(failureOf((await delivery).verdicts[0]).kind).toBe('timeout');
    await sink.close(abort.signal);
  });
});

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

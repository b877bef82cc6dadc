import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outcomesOf } from '#pump/testing';
import { until } from '../../test/services/process.ts';
import { aBatchOf, aWorkshop, forever, type Workshop } from './testing.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await aWorkshop();
});
afterEach(() => shop.remove());

const hour = 3_600_000;

/** Delivers a record of 1 KB for each path. */
async function deliver(meta: object, paths: readonly string[], between?: () => void) {
  const { sink } = await shop.open(meta);
  for (const path of paths) {
    const { verdicts } = await sink.deliver(aBatchOf(path), forever);
    expect(outcomesOf(verdicts)).toEqual(['delivered']);
    between?.();
  }
  return sink;
}

describe('a file', () => {
  it('is put aside before it becomes too large, and nothing is lost or out of order', async () => {
    const sink = await deliver({ rotate_bytes: '4KiB' }, [
      '/1',
      '/2',
      '/3',
      '/4',
      '/5',
      '/6',
      '/7',
    ]);
    await sink.close(forever);

    const names = await shop.names();
    expect(names.length).toBeGreaterThan(1);
    for (const name of names) {
      expect(name).toMatch(/^a(-\d{8}T\d{6}Z-\d{4})?\.ndjson$/);
      expect((await shop.text(name)).length).toBeLessThanOrEqual(4_096);
    }
    expect(await shop.paths()).toEqual(['/1', '/2', '/3', '/4', '/5', '/6', '/7']);
  });

  it('takes a batch that is larger than that, alone', async () => {
    const sink = await deliver({ rotate_bytes: '100B' }, ['/1', '/2', '/3']);
    await sink.close(forever);

    expect(await shop.names()).toHaveLength(3);
  });

  it('is put aside at the first record of a new stretch of time, and at no other', async () => {
    await shop.clock.advance(hour - (shop.clock.now() % hour) + 1_000);
    const meta = { rotate_every: '1h' };
    const sink = await deliver(meta, ['/1', '/2']);
    expect(await shop.names()).toHaveLength(1);

    await shop.clock.advance(hour);
    await sink.deliver(aBatchOf('/3'), forever);
    await sink.deliver(aBatchOf('/4'), forever);
    await sink.close(forever);

    expect(await shop.names()).toHaveLength(2);
    expect((await shop.text('a.ndjson')).match(/"path"/g)).toHaveLength(2);
  });

  it('is put aside at a start, where it is of an earlier stretch of time', async () => {
    await writeFile(shop.path, '{"path":"/old"}\n');
    await shop.clock.advance(Date.now() - shop.clock.now() + 48 * hour);

    const sink = await deliver({ rotate_every: '24h' }, ['/new']);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(['/old', '/new']);
    expect(await shop.names()).toHaveLength(2);
  });

  it('is never put aside where nothing says so', async () => {
    const meta = { rotate_bytes: '0B' };
    const sink = await deliver(meta, ['/1', '/2'], () => void shop.clock.advance(100 * hour));
    await sink.close(forever);

    expect(await shop.names()).toEqual(['a.ndjson']);
  });
});

describe('files that were put aside', () => {
  const rotating = { rotate_bytes: '1KiB' };

  it('are compressed, whole', async () => {
    const sink = await deliver({ ...rotating, gzip: true }, ['/1', '/2', '/3']);
    await until('two are', async () => (await gzipped()).length === 2);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(['/1', '/2', '/3']);
  });

  const gzipped = async () => (await shop.names()).filter((name) => name.endsWith('.gz'));

  it('are compressed at the next start where the last process had not come to its end', async () => {
    const plain = 'a-20240310T222200Z-0001.ndjson';
    const both = 'a-20240310T222200Z-0002.ndjson';
    await writeFile(join(shop.folder, plain), '{"path":"/1"}\n');
    await writeFile(join(shop.folder, `${plain}.gz.part`), 'half');
    await writeFile(join(shop.folder, both), '{"path":"/2"}\n');
    await writeFile(join(shop.folder, `${both}.gz`), 'whole, as it has its name');

    const { sink } = await shop.open({ ...rotating, gzip: true });
    await until('they are', async () => !(await shop.names()).includes(plain));
    await sink.close(forever);

    expect(await shop.names()).toEqual([`${plain}.gz`, `${both}.gz`]);
    expect(await shop.text(`${plain}.gz`)).toBe('{"path":"/1"}\n');
  });

  it.each([
    [{ keep_files: 2 }, ['/4', '/5', '/6']],
    [{ keep_bytes: '2500B' }, ['/4', '/5', '/6']],
    [{ keep_files: 1, keep_bytes: '1MiB' }, ['/5', '/6']],
  ])('are deleted, the oldest first, with %j', async (keep, left) => {
    const paths = ['/1', '/2', '/3', '/4', '/5', '/6'];
    const sink = await deliver(
      { ...rotating, ...keep },
      paths,
      () => void shop.clock.advance(2_000),
    );
    await until('they are', async () => (await shop.names()).length === left.length);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(left);
  });

  it('are deleted when they are old, also where no record comes', async () => {
    const sink = await deliver({ ...rotating, keep_for: '3h' }, ['/1', '/2']);
    expect(await shop.names()).toHaveLength(2);

    await shop.clock.advance(4 * hour);
    await sink.check(forever);
    await until('the old one is', async () => (await shop.names()).length === 1);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(['/2']);
  });

  it('are the only files that are ever touched', async () => {
    const others = [
      ...[
        'a.ndjson.bak',
        'a-2024.ndjson',
        'a-20240310T222200Z-0001.ndjson.old',
        'a-20240310T222200Z-1.ndjson',
      ],
      ...[
        'b-20240310T222200Z-0001.ndjson',
        'xa-20240310T222200Z-0001.ndjson',
        'a-20240310T222200Z-0001.csv',
      ],
      ...['a-20240310T222200Z-0001.ndjson.gz.partial', 'a-20240310T222200Z-0001.ndjson\n.gz'],
    ];
    for (const name of others) await writeFile(join(shop.folder, name), 'not ours');

    const meta = { ...rotating, gzip: true, keep_files: 1, keep_for: '1s', keep_bytes: '1B' };
    const sink = await deliver(meta, ['/1', '/2', '/3'], () => void shop.clock.advance(2_000));
    await until('ours are gone', async () => (await asideBut(others)).length === 0);
    await sink.close(forever);

    const left = await shop.names();
    expect(left.filter((name) => others.includes(name))).toHaveLength(others.length);
    for (const name of others)
      expect(await shop.text(name).catch(String)).toMatch(/not ours|header/);
  });

  const asideBut = async (others: readonly string[]) =>
    (await shop.names()).filter((name) => name.startsWith('a-') && !others.includes(name));
});

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectStatements } from '../../lib/collect-statements.testing.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { bytes, millis } from '../../lib/units.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { aRecord } from '../../record/testing.ts';
import { portSuite, queryOf } from '../query/port-suite.testing.ts';
import { TrafficStore } from '../store/store.ts';
import { SqliteTraffic } from './sqlite-reader.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-read-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(collectStatements);

const clock = new FakeClock();

/** In batches, between which the clock goes on far enough for another volume to be begun. */
async function write(
  records: ReadonlyMap<string, AnalyticsRecord>,
  { parts, hasTrigrams }: { readonly parts: number; readonly hasTrigrams: boolean },
): Promise<void> {
  const store = await TrafficStore.open(
    {
      folder,
      fileMode: 0o600,
      folderMode: 0o700,
      maxBytes: bytes(2 ** 30),
      maxAge: millis(16_000_000),
      hasTrigrams,
    },
    { clock, news: { dropped: () => undefined, damaged: () => undefined } },
  );
  const all = [...records].map(([id, record]) => {
    const at = id.lastIndexOf(':');
    return { segment: id.slice(0, at), place: Number(id.slice(at + 1)), record };
  });
  const size = Math.ceil(all.length / parts);
  for (let at = 0; at < all.length; at += size) {
    await store.append(all.slice(at, at + size));
    if (parts > 1) await clock.advance(millis(1_000_000));
  }
  store.close();
}

const harness = (options: { readonly parts: number; readonly hasTrigrams: boolean }) => ({
  async store(records: ReadonlyMap<string, AnalyticsRecord>) {
    await write(records, options);
    return SqliteTraffic.open(folder);
  },
  async reset() {
    for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
  },
});

portSuite('the traffic store of one volume', harness({ parts: 1, hasTrigrams: true }));
portSuite('the traffic store of several volumes', harness({ parts: 3, hasTrigrams: false }));

describe('the reader of a traffic store', () => {
  it('finds a text through trigrams, in whole groups and behind them', async () => {
    const records = new Map(
      Array.from({ length: 2_500 }, (_, at) => {
        const text = at % 625 === 7 ? 'the Needle' : `hay ${String(at * 7919)}`;
        const raw_request = Buffer.from(`POST / HTTP/1.1\r\n\r\n${text}`).toString('base64');
        return [`s:${String(at)}`, aRecord({ raw_request })] as const;
      }),
    );
    await write(records, { parts: 1, hasTrigrams: true });
    const reader = await SqliteTraffic.open(folder);
    // Without trigrams it would have stopped.
    const { calls, isStopped } = await reader.page({
      query: queryOf('"needle"'),
      limit: 10,
      mostBytes: 300_000,
    });

    expect(calls.map(({ id }) => id)).toEqual(['s:1882', 's:1257', 's:632', 's:7']);
    expect(isStopped).toBe(false);
    reader.close();
  });

  it('reads while others write, and what a writer has dropped is gone', async () => {
    await write(new Map([['s:0', aRecord()]]), { parts: 1, hasTrigrams: true });
    const reader = await SqliteTraffic.open(folder);
    const count = async () => (await reader.page({ query: queryOf(''), limit: 9 })).calls.length;
    expect(await count()).toBe(1);
    await write(new Map([['s:1', aRecord()]]), { parts: 1, hasTrigrams: true });
    expect(await count()).toBe(2);
    for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
    expect(await count()).toBe(0);
    reader.close();
  });

  it('names a volume that it cannot read, and reads the others', async () => {
    const some = (from: number) =>
      new Map([0, 1].map((at) => [`s:${String(from + at)}`, aRecord()] as const));
    await write(some(0), { parts: 2, hasTrigrams: true });
    const [first = ''] = (await readdir(folder)).filter((name) => name.endsWith('.traffic')).sort();
    await collectStatements();
    for (const end of ['-wal', '-shm']) await rm(join(folder, first + end), { force: true });
    await writeFile(join(folder, first), 'this is no database '.repeat(1_000));
    const reader = await SqliteTraffic.open(folder);
    const page = await reader.page({ query: queryOf(''), limit: 9 });

    expect(page.unread).toEqual([first]);
    expect(page.calls.map(({ id }) => id)).toEqual(['s:1']);
    reader.close();
  });

  it('refuses a cursor that is none', async () => {
    await write(new Map([['s:0', aRecord()]]), { parts: 1, hasTrigrams: true });
    const reader = await SqliteTraffic.open(folder);
    const asked = reader.page({ query: queryOf(''), limit: 9, after: '1; DROP TABLE record' });

    await expect(asked).rejects.toThrow('the cursor is none of this store');
    reader.close();
  });
});

import { appendFile, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collectStatements } from '../../lib/collect-statements.testing.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { bytes, millis } from '../../lib/units.ts';
import { aRecord } from '../../record/testing.ts';
import { storedCalls } from '../testing.ts';
import { type StoreOptions, TrafficStore } from './store.ts';
import type { Incoming } from './volume-writer.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(collectStatements);

const clock = new FakeClock();
const told: string[] = [];

const anOpenStore = (options: Partial<StoreOptions> = {}): Promise<TrafficStore> =>
  TrafficStore.open(
    {
      folder,
      fileMode: 0o600,
      folderMode: 0o700,
      maxBytes: bytes(2 ** 30),
      maxAge: millis(0),
      hasTrigrams: true,
      ...options,
    },
    {
      clock,
      news: {
        dropped: (name) => void told.push(`dropped ${name}`),
        damaged: (aside) => void told.push(`damaged ${aside}`),
      },
    },
  );

const calls = (segment: string, from: number, to: number, body = ''): readonly Incoming[] =>
  Array.from({ length: to - from }, (_, at) => ({
    segment,
    place: from + at,
    record: aRecord({
      raw_request: Buffer.from(`POST / HTTP/1.1\r\n\r\n${body}`).toString('base64'),
    }),
  }));

const idsOf = async (): Promise<readonly string[]> =>
  (await storedCalls(folder)).map(({ id }) => id);
const volumes = async (): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith('.traffic')).sort();

describe('the traffic store', () => {
  it('keeps a record once, however often it comes, and in whatever volume it is', async () => {
    const store = await anOpenStore({ maxBytes: bytes(2 ** 23) });
    const body = 'x'.repeat(4_000);
    await store.append(calls('a', 0, 200, body));
    await store.append(calls('a', 100, 300, body));
    await store.append([...calls('a', 299, 301), ...calls('b', 0, 2), ...calls('b', 1, 3)]);

    const ids = await idsOf();
    expect((await volumes()).length).toBeGreaterThan(1);
    expect(ids).toHaveLength(304);
    expect(new Set(ids).size).toBe(304);
    store.close();
  });

  it('goes on where the last process has ended', async () => {
    const first = await anOpenStore();
    await first.append(calls('a', 0, 1_500));
    first.close();
    const second = await anOpenStore();
    await second.append(calls('a', 1_400, 2_100));
    second.close();

    expect(await idsOf()).toHaveLength(2_100);
    expect(await volumes()).toHaveLength(1);
  });

  it('lets two writers write, as for a moment at a hand-over', async () => {
    const [one, other] = [await anOpenStore(), await anOpenStore()];
    await one.append(calls('a', 0, 10));
    await other.append(calls('a', 5, 20));
    await one.append(calls('a', 15, 30));
    one.close();
    other.close();

    expect((await idsOf()).length).toBe(30);
  });

  it('keeps to its bytes by dropping whole volumes, the oldest first, and says so', async () => {
    told.length = 0;
    const maxBytes = 2 ** 22;
    const store = await anOpenStore({ maxBytes: bytes(maxBytes) });
    for (let at = 0; at < 40; at++)
      await store.append(calls('a', 100 * at, 100 * at + 100, 'x'.repeat(2_000)));
    const sizes = await Promise.all(
      (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
    );
    const ids = await idsOf();
    store.close();

    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(maxBytes);
    expect(ids.length).toBeGreaterThan(500);
    expect(ids.at(-1)).toBe('a:3999');
    expect(told.filter((line) => line.startsWith('dropped 000000001-'))).toHaveLength(1);
  });

  it('drops what is too old, also while nothing comes', async () => {
    const store = await anOpenStore({ maxAge: millis(3_600_000) });
    await store.append(calls('a', 0, 1));
    await clock.advance(millis(1_800_000));
    await store.append(calls('a', 1, 2));
    await clock.advance(millis(1_700_000));
    await store.sweep();
    expect(await idsOf()).toEqual(['a:0', 'a:1']);

    await clock.advance(millis(1_950_000));
    await store.sweep();
    expect(await idsOf()).toEqual([]);
    await store.append(calls('a', 2, 3));
    expect(await idsOf()).toEqual(['a:2']);
    store.close();
  });

  it('sets a damaged volume aside, says so, and goes on', async () => {
    told.length = 0;
    const options = { maxBytes: bytes(2 ** 23) };
    const first = await anOpenStore(options);
    for (let at = 0; at < 4; at++)
      await first.append(calls('a', 100 * at, 100 * at + 100, 'x'.repeat(6_000)));
    first.close();
    await collectStatements();
    const [oldest = '', ...others] = await volumes();
    expect(others.length).toBeGreaterThan(0);
    await writeFile(join(folder, oldest), 'this is no database '.repeat(1_000));
    const second = await anOpenStore(options);
    await second.append(calls('a', 400, 401));
    second.close();

    expect(told).toEqual([`damaged ${join(folder, oldest)}.damaged`]);
    expect(await readdir(folder)).toContain(`${oldest}.damaged`);
    expect(await idsOf()).toContain('a:400');
  });

  it('sets a volume aside whose pages turn out to be damaged while it is written to', async () => {
    told.length = 0;
    const first = await anOpenStore();
    await first.append(calls('a', 0, 1_000));
    first.close();
    await collectStatements();
    const [name = ''] = await volumes();
    const handle = await open(join(folder, name), 'r+');
    const { size } = await handle.stat();
    for (let page = 1; page < size / 4096; page++)
      await handle.write(Buffer.alloc(4096, 0xff), 0, 4096, page * 4096);
    await handle.close();
    await rm(join(folder, `${name}-wal`), { force: true });

    const attempt = async (): Promise<void> => {
      const store = await anOpenStore();
      await store.append(calls('a', 1_000, 1_001)).finally(() => store.close());
    };
    await expect(attempt()).rejects.toThrow(/malformed/);
    await attempt();

    expect(told).toEqual([`damaged ${join(folder, name)}.damaged`]);
    expect(await idsOf()).toEqual(['a:1000']);
  });

  it('leaves a volume alone that another version wrote', async () => {
    const first = await anOpenStore();
    await first.append(calls('a', 0, 1));
    first.close();
    const [name = ''] = await volumes();
    const { loadSqlite } = await import('../libsql.ts');
    const database = await (await loadSqlite())(join(folder, name));
    await database.exec('PRAGMA user_version = 7');
    database.close();

    await expect(anOpenStore()).rejects.toThrow('layout 7 of another version, expected 1');
    expect(await volumes()).toEqual([name]);
  });

  it('notices that its file was deleted', async () => {
    const store = await anOpenStore();
    await store.append(calls('a', 0, 5));
    for (const name of await readdir(folder)) await rm(join(folder, name), { force: true });
    await store.append(calls('a', 5, 6));
    store.close();

    expect(await idsOf()).toEqual(['a:5']);
  });

  it('ignores what else lies in its folder', async () => {
    await appendFile(join(folder, 'notes.txt'), 'x');
    const store = await anOpenStore();
    await store.append(calls('a', 0, 1));
    store.close();

    expect(await idsOf()).toEqual(['a:0']);
  });
});

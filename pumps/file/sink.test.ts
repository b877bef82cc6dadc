import { execFile } from 'node:child_process';
import { appendFile, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sink } from '#pump';
import { aBatch, failureOf, outcomesOf } from '#pump/testing';
import { aBatchOf, aWorkshop, forever, type Workshop } from './testing.ts';

let shop: Workshop;
beforeEach(async () => {
  shop = await aWorkshop();
});
afterEach(() => shop.remove());

const run = promisify(execFile);

/** Runs a script in a process of its own, whose limits and end are not ours. */
const inProcess = (script: string, limits = 'true') => {
  const node = [process.execPath, '--conditions=source', '--import=tsx', '--input-type=module'];
  const before = `
    import file from './pumps/file/index.ts';
    import { aBatch, aPreparedPump } from './src/pump/testing/builders.ts';
    import { aContext } from './src/pump/testing/context.ts';
    const { signal } = new AbortController();
    const pump = aPreparedPump(file, { path: process.env.FILE, ...JSON.parse(process.env.META) });
    const sink = await pump.open(aContext(), signal);
  `;
  return (meta: object) =>
    run('bash', ['-c', `${limits}; exec "$0" "$@"`, ...node, '-e', before + script], {
      env: { ...process.env, FILE: shop.path, META: JSON.stringify(meta) },
    });
};

describe('a torn end', () => {
  it('is set aside, and the lines before it stay', async () => {
    await writeFile(shop.path, '{"path":"/1"}\n{"path":"/2"}\n{"pa');
    const { sink, context } = await shop.open();

    await sink.deliver(aBatchOf('/3'), forever);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(['/1', '/2', '/3']);
    expect(await shop.text('a.ndjson.torn')).toBe('{"pa');
    expect(context.lines).toMatchObject([{ level: 'warn', fields: { bytes: 4 } }]);
  });

  it('may be all there is, and longer than one look', async () => {
    const torn = 'x'.repeat(200_000);
    await writeFile(shop.path, torn);
    const { sink } = await shop.open();

    await sink.deliver(aBatchOf('/1'), forever);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(['/1']);
    expect(await shop.text('a.ndjson.torn')).toBe(torn);
  });

  it('that is longer than anything of ours is left alone', async () => {
    await writeFile(shop.path, '');
    await truncate(shop.path, 70 * 1024 ** 2);
    const { sink } = await shop.open();

    const { verdicts } = await sink.deliver(aBatchOf('/1'), forever);
    await sink.close(forever);

    expect(failureOf(verdicts[0]).message).toContain('none of ours');
    expect((await stat(shop.path)).size).toBe(70 * 1024 ** 2);
  });

  it('is found again after another process has written', async () => {
    const { sink } = await shop.open();
    await sink.deliver(aBatchOf('/1'), forever);
    await appendFile(shop.path, '{"path":"/2"}\n{"pat');

    await sink.deliver(aBatchOf('/3'), forever);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(['/1', '/2', '/3']);
  });
});

describe('the file', () => {
  it('may be moved away at any time', async () => {
    const { sink } = await shop.open();
    await sink.deliver(aBatchOf('/1'), forever);
    await rename(shop.path, join(shop.folder, 'moved'));

    await sink.deliver(aBatchOf('/2'), forever);
    await sink.close(forever);

    expect(await shop.paths()).toEqual(['/2']);
    expect(await readFile(join(shop.folder, 'moved'), 'utf8')).toContain('"path":"/1"');
  });

  it('has the permissions that were asked for, and so have those that were compressed', async () => {
    const { sink } = await shop.open({ file_mode: '0600', rotate_bytes: '1KiB' });
    for (const path of ['/1', '/2']) await sink.deliver(aBatchOf(path), forever);
    await sink.close(forever);

    for (const name of await shop.names())
      expect((await stat(join(shop.folder, name))).mode & 0o777).toBe(0o600);
  });

  it('is no device and no pipe', async () => {
    const { sink } = await shop.open({ path: '/dev/null', lock: false });

    const { verdicts } = await sink.deliver(aBatchOf('/1'), forever);
    await sink.close(forever);

    expect(failureOf(verdicts[0])).toMatchObject({ kind: 'unreachable' });
  });

  it('is whole lines, all that were delivered, when the disk is full', async () => {
    const script = `
      let delivered = 0;
      for (;;) {
        const { verdicts } = await sink.deliver(aBatch(100, { raw_request: 'x'.repeat(3000) }), signal);
        if (verdicts[0].outcome !== 'delivered') {
          console.log(JSON.stringify({ delivered, verdict: verdicts[0] }));
          break;
        }
        delivered += verdicts.length;
      }
    `;

    const { stdout } = await inProcess(script, 'ulimit -f 2048')({});

    const { delivered, verdict } = JSON.parse(stdout) as { delivered: number; verdict: unknown };
    expect(verdict).toMatchObject({ outcome: 'retry', failure: { kind: 'throttled' } });
    expect(delivered).toBeGreaterThan(0);
    expect(await shop.paths()).toHaveLength(delivered);
  }, 30_000);
});

describe('several that write to one file', () => {
  const meta = { rotate_bytes: '64KiB', gzip: true };

  it('lose nothing, mix nothing, and put each file aside once', async () => {
    const sinks = await Promise.all([shop.open(meta), shop.open(meta), shop.open(meta)]);
    const deliverAll = async (sink: Sink, who: number): Promise<void> => {
      for (let round = 0; round < 15; round++) {
        const batch = aBatch(10, (index) => ({ path: `/${who}-${round}-${index}` }));
        expect(new Set(outcomesOf((await sink.deliver(batch, forever)).verdicts)).size).toBe(1);
      }
    };

    await Promise.all(sinks.map(({ sink }, who) => deliverAll(sink, who)));
    for (const { sink } of sinks) await sink.close(forever);

    const paths = await shop.paths();
    expect(paths).toHaveLength(450);
    expect(new Set(paths).size).toBe(450);
  });

  it('go on after one of them was killed while it had the lock', async () => {
    const script = `
      const { takeLock } = await import('./pumps/file/lock.ts');
      await takeLock(process.env.FILE + '.lock', signal);
      process.kill(process.pid, 'SIGKILL');
    `;
    await expect(inProcess(script)({})).rejects.toMatchObject({ signal: 'SIGKILL' });
    expect((await stat(`${shop.path}.lock`)).isSocket()).toBe(true);

    const { sink } = await shop.open();
    const { verdicts } = await sink.deliver(aBatchOf('/1'), forever);
    await sink.close(forever);

    expect(outcomesOf(verdicts)).toEqual(['delivered']);
  }, 30_000);
});

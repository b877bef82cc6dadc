import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aBatch, aContext, aPreparedPump, outcomesOf } from '#pump/testing';
import { collectStatements } from '../../src/lib/collect-statements.testing.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { storedCalls } from '../../src/traffic/testing.ts';
import traffic from './index.ts';

const { signal } = new AbortController();
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-traffic-'));
});
afterEach(async () => {
  await collectStatements();
  await rm(folder, { recursive: true });
});

const run = promisify(execFile);

/** Runs a script in a process of its own, whose limits and end are not ours. */
const inProcess = (script: string, limits = 'true') => {
  const node = [process.execPath, '--conditions=source', '--import=tsx', '--input-type=module'];
  const before = `
    import traffic from './pumps/traffic/index.ts';
    import { aBatch, aPreparedPump } from './src/pump/testing/builders.ts';
    import { aContext } from './src/pump/testing/context.ts';
    const { signal } = new AbortController();
    const pump = aPreparedPump(traffic, { folder: process.env.FOLDER });
    const sink = await pump.open(aContext(), signal);
  `;
  return run('bash', ['-c', `${limits}; exec "$0" "$@"`, ...node, '-e', before + script], {
    env: { ...process.env, FOLDER: folder },
  });
};

const open = () => aPreparedPump(traffic, { folder }).open(aContext(), signal);

describe('the traffic sink', () => {
  it('loses nothing that it answered for when it is killed, and takes the rest once', async () => {
    const script = `
      for (let at = 0; ; at++) {
        const batch = aBatch(50, (index) => ({ path: '/' + at + '-' + index }), 's' + at);
        const { verdicts } = await sink.deliver(batch, signal);
        if (verdicts.some(({ outcome }) => outcome !== 'delivered')) throw new Error('not delivered');
        process.stdout.write(at + '\\n');
        if (at === 20) setTimeout(() => process.kill(process.pid, 'SIGKILL'), 3);
      }
    `;
    const end = await inProcess(script).catch((error: unknown) => error);
    expect(end).toMatchObject({ signal: 'SIGKILL' });
    const answered = (end as { readonly stdout: string }).stdout.trim().split('\n').length;
    expect(answered).toBeGreaterThan(20);

    const sink = await open();
    for (let at = 0; at < answered + 2; at++) {
      const batch = aBatch(
        50,
        (index) => ({ path: `/${String(at)}-${String(index)}` }),
        `s${String(at)}`,
      );
      // What was answered for comes once more here, as it would from a route that had not heard it.
      if (at % 2 === 0 || at >= answered) await sink.deliver(batch, signal);
    }
    await sink.close(signal);

    const paths = (await storedCalls(folder)).map(({ record }) => record.text('path'));
    expect(new Set(paths).size).toBe(50 * (answered + 2));
    expect(paths).toHaveLength(50 * (answered + 2));
  }, 60_000);

  it('says that the disk takes no more, keeps what it has, and goes on where there is room', async () => {
    const script = `
      let taken = 0;
      for (;;) {
        const raw_request = Buffer.alloc(30000, 'x').toString('base64');
        const { verdicts } = await sink.deliver(aBatch(10, () => ({ raw_request }), 's' + taken), signal);
        if (verdicts[0].outcome === 'delivered') { taken += 1; continue; }
        process.stdout.write(JSON.stringify({ taken, verdict: verdicts[0] }));
        break;
      }
      await sink.close(signal);
    `;
    const { stdout } = await inProcess(script, 'ulimit -f 6000');
    const { taken, verdict } = JSON.parse(stdout) as {
      readonly taken: number;
      readonly verdict: object;
    };

    expect(taken).toBeGreaterThan(3);
    expect(verdict).toMatchObject({
      outcome: 'retry',
      failure: { message: expect.stringContaining('SQLite: ') as string },
    });
    const sink = await open();
    const after = await sink.deliver(
      aBatch(10, () => ({}), 'after'),
      signal,
    );
    await sink.close(signal);
    expect(outcomesOf(after.verdicts)).toEqual(Array<string>(10).fill('delivered'));
    expect(await storedCalls(folder)).toHaveLength(10 * taken + 10);
  }, 60_000);

  it('makes files that others cannot read', async () => {
    const sink = await open();
    await sink.deliver(aBatch(1), signal);
    for (const name of await readdir(folder))
      expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
    await sink.close(signal);
  });

  it('says why it cannot be opened', async () => {
    const sink = aPreparedPump(traffic, { folder: '/dev/null/traffic' }).open(aContext(), signal);
    await expect(sink).rejects.toMatchObject({ failure: { kind: 'unreachable' } });
  });

  it('keeps what it was given, although it was given up and the memory has been used again', async () => {
    const sink = await open();
    const batch = aBatch(1_000, (index) => ({ path: `/${String(index)}` }), 's');
    const givenUp = new AbortController();
    const delivering = sink.deliver(batch, givenUp.signal);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    givenUp.abort();
    const answered = await delivering;
    for (const { record } of batch) record.bytes.fill(0);
    await sink.close(signal);

    expect([...new Set(outcomesOf(answered.verdicts))]).toEqual(['retry']);
    const paths = (await storedCalls(folder)).map(({ record }) => record.text('path'));
    expect(paths.sort()).toEqual(Array.from({ length: 1_000 }, (_, at) => `/${String(at)}`).sort());
  });

  it('shows in its metrics how large it is, what it keeps, and what is gone', async () => {
    const metrics = createMetrics({ version: 'x' });
    const pump = aPreparedPump(traffic, { folder });
    const first = await pump.open(aContext(), signal);
    await first.deliver(
      aBatch(3, () => ({}), 's'),
      signal,
    );
    await first.close(signal);
    const sink = await pump.open(aContext({ metrics }), signal);
    await sink.deliver(
      aBatch(5, () => ({}), 's'),
      signal,
    );
    const page = (await metrics.exposition()).body;
    await sink.close(signal);

    expect(page).toContain('sluice_traffic_records_total{route="TEST",result="kept"} 2');
    expect(page).toContain('sluice_traffic_records_total{route="TEST",result="known"} 3');
    expect(page).toContain('sluice_traffic_volumes{route="TEST"} 1');
    expect(page).toMatch(/sluice_traffic_bytes\{route="TEST"\} [1-9]/);
    expect(page).toContain('sluice_traffic_volumes_gone_total{route="TEST",outcome="damaged"} 0');
  });

  it('counts a volume that is damaged', async () => {
    await writeFile(
      join(folder, '000000001-1700000000000.traffic'),
      'no database at all'.repeat(99),
    );
    const metrics = createMetrics({ version: 'x' });
    const open = () => aPreparedPump(traffic, { folder }).open(aContext({ metrics }), signal);
    const sink = await open().catch(open);
    await sink.close(signal);

    const page = (await metrics.exposition()).body;
    expect(page).toContain('sluice_traffic_volumes_gone_total{route="TEST",outcome="damaged"} 1');
  });
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Sink } from '#pump';
import { aBatch, aContext, aPreparedPump, FakeClock } from '#pump/testing';
import csv from './index.ts';

it('keeps every row whole when two instances write to one folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-two-'));
  const { signal } = new AbortController();
  const clock = new FakeClock();
  const open = () => aPreparedPump(csv, { csv_dir: folder }).open(aContext({ clock }), signal);
  const sinks = await Promise.all([open(), open()]);
  const fields = { method: 'M', raw_request: `quoted "text"\nof many lines, ${'x'.repeat(5_000)}` };

  /** As the courier does: an instance that meets a row half written by the other is asked to come again. */
  const deliver = async (sink: Sink): Promise<void> => {
    const { verdicts } = await sink.deliver(aBatch(50, fields), signal);
    if (verdicts[0]?.outcome !== 'delivered') await deliver(sink);
  };

  for (let round = 0; round < 20; round++) await Promise.all(sinks.map(deliver));

  const [name = '', ...others] = await readdir(folder);
  const text = await readFile(join(folder, name), 'utf8');
  await rm(folder, { recursive: true });
  const rows = text.split(/\n(?=M,|Method,)/).filter((row) => row.startsWith('M,'));
  expect(others).toEqual([]);
  expect(rows).toHaveLength(2_000);
  expect(new Set(rows.map((row) => row.trim())).size).toBe(1);
});

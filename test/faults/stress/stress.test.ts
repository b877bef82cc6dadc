import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decodeLetter } from '../../../src/route/dead-letters/letter.ts';
import { until } from '../../services/process.ts';
import { fill, someRecords, tinyRecord } from './backlog.ts';
import { peakMemory } from './process-figures.ts';
import { Rig, type RigOptions } from './rig.ts';
import { hugeRecord } from './stall.ts';

const arrivalTime = 60_000;
const healthy = { healthy: { kind: 'healthy' } } as const;
const mebibyte = 1024 * 1024;

async function aRig(options: Omit<RigOptions, 'own'>): Promise<Rig> {
  const rig = await Rig.start({ own: {}, ...options });
  onTestFinished(() => rig.stop());
  return rig;
}

/** The books close and Redis has its memory back. */
async function expectNothingLeft(rig: Rig): Promise<void> {
  await until('nothing is left', async () => (await rig.leftover()).length === 0);
  expect(await rig.metric('sluice_ledger_mismatches_total')).toBe(0);
}

describe('a pump under load', () => {
  it.concurrent('delivers everything to the healthy sink while its siblings are dead', async () => {
    const rig = await aRig({
      fates: {
        ...healthy,
        'black-holed': { kind: 'black-holed' },
        slow: { kind: 'slow', ms: 2_000 },
        rejecting: { kind: 'rejecting', every: 10 },
      },
    });
    const records = 20_000;

    await fill(rig.redis, someRecords(1024), records);
    await rig.untilAnswered('healthy', records, arrivalTime);
    await rig.untilAnswered('rejecting', records, arrivalTime);

    expect(rig.sink('healthy').taken).toBe(records);
    expect(await rig.booked('healthy', 'delivered')).toBe(records);
    expect(await rig.booked('rejecting', 'rejected')).toBe(rig.sink('rejecting').refused);
    expect(rig.sink('rejecting').refused).toBeGreaterThan(0);
    expect(await rig.booked('black-holed', 'delivered')).toBe(0);
    expect(await rig.booked('slow', 'delivered')).toBeLessThan(records);
    expect(await rig.metric('sluice_ledger_mismatches_total')).toBe(0);
    if (process.platform === 'linux') expect(peakMemory(rig.pump.pid)).toBeLessThan(512);
  });

  it.concurrent('delivers a record of 16 MiB, or keeps it with the reason', async () => {
    const rig = await aRig({
      fates: { ...healthy, strict: { kind: 'strict', most: 10 * mebibyte } },
      meta: { extended_stats: true },
      pumps: { csv: { type: 'csv', meta: { csv_dir: '{dir}/csv' } } },
    });

    await fill(rig.redis, [hugeRecord()], 1);
    for (const route of ['healthy', 'strict', 'csv'])
      await rig.untilAnswered(route, 1, arrivalTime);

    expect(rig.sink('healthy').taken).toBe(1);
    expect(await sizeOfFiles(path.join(rig.pump.dir, 'csv'))).toBeGreaterThan(16 * mebibyte);
    const [key = ''] = await rig.redis.keys('{*}:dead:STRICT');
    const [letter] = (await rig.redis.hvalsBuffer(key)).map((value) => decodeLetter(value));
    expect(letter).toMatchObject({ kind: 'oversize', attempts: 1 });
    expect(letter?.bytes.length).toBe(hugeRecord().length);
    await expectNothingLeft(rig);
  });

  it.concurrent('makes a dead letter of each of 10,000 empty elements', async () => {
    const rig = await aRig({ fates: { ...healthy, second: { kind: 'healthy' } } });
    const elements = 10_000;

    await fill(rig.redis, [Buffer.alloc(0)], elements);
    for (const route of ['healthy', 'second'])
      await rig.untilAnswered(route, elements, arrivalTime);

    expect(await rig.booked('healthy', 'rejected')).toBe(elements);
    expect(await rig.booked('second', 'rejected')).toBe(elements);
    const [key = ''] = await rig.redis.keys('{*}:dead:undecodable');
    expect(await rig.redis.hlen(key)).toBe(elements);
    await expectNothingLeft(rig);
  });

  it.concurrent('drains 200,000 short elements', async () => {
    const rig = await aRig({ fates: healthy });
    const elements = 200_000;

    await fill(rig.redis, [tinyRecord], elements);
    await rig.untilAnswered('healthy', elements, arrivalTime);

    expect(rig.sink('healthy').taken).toBe(elements);
    expect(await rig.booked('healthy', 'delivered')).toBe(elements);
    await expectNothingLeft(rig);
  });
});

async function sizeOfFiles(folder: string): Promise<number> {
  const names = await readdir(folder);
  const stats = await Promise.all(names.map((name) => stat(path.join(folder, name))));
  return stats.reduce((sum, { size }) => sum + size, 0);
}

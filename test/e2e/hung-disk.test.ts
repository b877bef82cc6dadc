/** Folders that cannot be made, and file operations that never end, under a built process. */
import { execFile, execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileNameAt } from '../../pumps/csv/file-name.ts';
import { millis } from '../../src/lib/units.ts';
import { launch, scratchFolder, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv } from './arrived.ts';
import { metric, type PumpConfig, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
/** Far more than a stop may take; without an end of its own the process would stay for ever. */
const longEnough = 20_000;

let redis: RedisServer;
let started: { stop(): Promise<unknown> }[];
beforeEach(async () => {
  redis = await startRedis();
  started = [];
});
afterEach(async () => {
  for (const each of started) await each.stop();
  await redis.stop();
});

async function start(config: Omit<PumpConfig, 'redis'>): Promise<PumpProcess> {
  const own = { shutdown_timeout: '3s', lease: '2s', attempt_timeout: '2s', ...config.own };
  const pump = await startPump({ ...config, redis, own });
  started.push({ stop: () => pump.kill9() });
  return pump;
}

async function endsAtSigterm(child: { pid: number; isRunning(): boolean }): Promise<void> {
  process.kill(child.pid, 'SIGTERM');
  await until('the process is gone', () => !child.isRunning(), longEnough);
}

/** Opening it does not return while nobody opens the other end: a file on a disk that does not answer. */
const hang = (file: string): Buffer => execFileSync('mkfifo', [file]);

/** A folder whose files of this hour and the next hang, as a process in UTC names them. */
async function aHungFolder(): Promise<string> {
  const folder = await scratchFolder('hung');
  for (const hours of [0, 1]) {
    const at = new Date(Date.now() + hours * 3_600_000);
    const inUtc = millis(at.getTime() + at.getTimezoneOffset() * 60_000);
    hang(path.join(folder, fileNameAt(inUtc)));
  }
  return folder;
}

const csv = { type: 'csv', meta: { csv_dir: '{dir}/csv' } };
const into = (folder: string) => ({ type: 'csv', meta: { csv_dir: folder } });

const delivered = (pump: PumpProcess, route: string): Promise<number> =>
  metric(pump, 'sluice_records_total', { outcome: 'delivered', route });

const ready = async (pump: PumpProcess): Promise<string> =>
  (await fetch(`http://127.0.0.1:${pump.healthPort}/ready`).catch(() => undefined))?.text() ?? '';

function validate(pump: PumpProcess): Promise<{ readonly out: string; readonly isOk: boolean }> {
  const args = [main, 'validate', '--connect', '--conf', path.join(pump.dir, 'pump.json')];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: 60_000, killSignal: 'SIGKILL' }, (error, out) =>
      resolve({ out, isOk: error === null }),
    );
  });
}

describe('a csv folder that the system says is missing although it is not', () => {
  it('is named, disturbs no other pump, and ends neither validate nor the stop late', async () => {
    const pump = await start({ pumps: { csv, strange: into('/proc/x') } });
    await pushRecords(redis, 1000);
    await expect.poll(() => delivered(pump, 'CSV'), { timeout: 20_000 }).toBe(1000);
    await expect
      .poll(() => ready(pump))
      .toContain("ENOENT: no such file or directory, mkdir '/proc/x'");
    const { out, isOk } = await validate(pump);
    expect(out).toContain(
      "STRANGE (csv): down: ENOENT: no such file or directory, mkdir '/proc/x'",
    );
    expect(isOk).toBe(false);
    await endsAtSigterm(pump);
  });
});

describe('a csv file on a disk that does not answer', () => {
  it('keeps its records, disturbs no other pump, and ends neither validate nor the stop late', async () => {
    const folder = await aHungFolder();
    const pumps = { csv, hung: into(folder), 'hung too': into(folder) };
    const first = await start({ pumps });
    const { good } = await pushRecords(redis, 1000);
    await expect.poll(() => delivered(first, 'CSV'), { timeout: 20_000 }).toBe(1000);
    await endsAtSigterm(first);
    expect((await validate(first)).out).toContain('HUNG (csv): down: no answer within 10 s');

    await rm(folder, { recursive: true });
    await start({ pumps });
    await untilDrained(redis);
    expect(compare(good, await inCsv([folder])).lost).toBe(0);
  });
});

describe('a spill folder on a disk that does not answer', () => {
  it.each([1, 2])('does not keep a process of %d threads from its stop', async (workers) => {
    const root = await scratchFolder('spill');
    // What another instance left: looking who holds it does not end.
    mkdirSync(path.join(root, 'other'));
    hang(path.join(root, 'other', 'lock.json'));
    const pump = await start({
      pumps: { dummy: { type: 'dummy' } },
      own: { workers, spill_dir: root },
    });
    await until('it serves its pages', async () => (await ready(pump)) !== '');
    await endsAtSigterm(pump);
  });
});

it('ends at a signal although its configuration cannot be read to its end', async () => {
  const conf = path.join(await scratchFolder('conf'), 'pump.conf');
  hang(conf);
  const child = launch(process.execPath, [main, '--conf', conf]);
  started.push({ stop: () => child.kill9() });
  let file: number | undefined;
  await until('it reads its configuration', () => (file = openIfRead(conf)) !== undefined);
  await endsAtSigterm(child);
  closeSync(file ?? -1);
});

/** The other end of a pipe that somebody reads, which keeps him reading. */
function openIfRead(pipe: string): number | undefined {
  try {
    return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/** Standard output and standard error of a built process that nobody reads, or whose reader has gone. */
import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch, scratchFolder, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { compare, inCsv, inJsonLines } from './arrived.ts';
import { metric, type PumpConfig, type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
/** Far more than a stop may take; without an end of its own the process would stay for ever. */
const longEnough = 20_000;

let redis: RedisServer;
let started: { stop(): Promise<unknown> }[];
let opened: number[];
beforeEach(async () => {
  redis = await startRedis();
  started = [];
  opened = [];
});
afterEach(async () => {
  for (const each of started) await each.stop();
  for (const file of opened) closeSync(file);
  await redis.stop();
});

/** A pipe that is open at its other end and that nobody reads. */
async function anUnreadPipe(): Promise<string> {
  const pipe = path.join(await scratchFolder('pipe'), 'pipe');
  execFileSync('mkfifo', [pipe]);
  opened.push(openSync(pipe, 'r+'));
  return pipe;
}

/** Somebody reads it from now on; gives the file that holds what was read. */
function readInto(pipe: string): string {
  const file = `${pipe}.read`;
  // There from the start, whenever the reader comes to it.
  closeSync(openSync(file, 'a'));
  const reader = launch('sh', ['-c', `exec cat "${pipe}" >"${file}"`]);
  started.push({ stop: () => reader.kill9() });
  return file;
}

async function start(config: Omit<PumpConfig, 'redis'>): Promise<PumpProcess> {
  const own = { shutdown_timeout: '3s', lease: '2s', attempt_timeout: '2s', ...config.own };
  const pump = await startPump({ ...config, redis, own });
  started.push({ stop: () => pump.kill9() });
  return pump;
}

const csv = { type: 'csv', meta: { csv_dir: '{dir}/csv' } };
const inLog = { type: 'stdout', meta: { format: 'text' } };
const onOutput = { type: 'stdout', meta: { format: 'json' } };

const delivered = (pump: PumpProcess, route: string): Promise<number> =>
  metric(pump, 'sluice_records_total', { outcome: 'delivered', route });

const ready = async (pump: PumpProcess): Promise<string> =>
  (await fetch(`http://127.0.0.1:${pump.healthPort}/ready`).catch(() => undefined))?.text() ?? '';

async function endsAtSigterm(pump: PumpProcess): Promise<void> {
  process.kill(pump.pid, 'SIGTERM');
  await until('the process is gone', () => !pump.isRunning(), longEnough);
}

describe('a service whose standard error nobody reads', () => {
  it.each([1, 2])('delivers elsewhere, and ends, with %d threads', async (workers) => {
    const stderr = await anUnreadPipe();
    const pump = await start({ pumps: { csv, log: inLog }, own: { workers }, pipes: { stderr } });
    await pushRecords(redis, 3000);
    await expect.poll(() => delivered(pump, 'CSV'), { timeout: 20_000 }).toBe(3000);
    expect(await delivered(pump, 'LOG')).toBeLessThan(3000);
    await endsAtSigterm(pump);
  });

  it('loses no record that goes to the log, and none twice', async () => {
    const stderr = await anUnreadPipe();
    const pump = await start({
      pumps: { csv, log: inLog },
      pipes: { stderr },
      env: { TYK_LOGFORMAT: 'json' },
    });
    const { good } = await pushRecords(redis, 3000);
    await expect.poll(() => delivered(pump, 'CSV'), { timeout: 20_000 }).toBe(3000);
    const file = readInto(stderr);
    await untilDrained(redis);
    expect(compare(good, await inJsonLines([file]))).toMatchObject({ lost: 0, invented: 0 });
    await endsAtSigterm(pump);
  });

  it('keeps few lines, counts the others, and says how many when somebody reads again', async () => {
    const stderr = await anUnreadPipe();
    // Names that make each line about them as long as a megabyte's hundredth.
    const names = Array.from({ length: 200 }, (_, index) => `${index}-${'n'.repeat(10_000)}`);
    const pumps = Object.fromEntries(names.map((name) => [name, { type: 'dummy' }]));
    const pump = await start({ pumps, pipes: { stderr } });
    const dropped = (): Promise<number> => metric(pump, 'sluice_log_lines_dropped_total');
    await expect.poll(dropped, { timeout: 20_000 }).toBeGreaterThan(0);
    const file = readInto(stderr);
    await until('the lines are read', async () =>
      (await readFile(file, 'utf8')).includes('Log lines are missing here'),
    );
    const said = / lines=(\d+) /.exec(await readFile(file, 'utf8'));
    expect(Number(said?.[1])).toBe(await dropped());
    await endsAtSigterm(pump);
  });
});

describe('a service whose standard output nobody reads', () => {
  it('lets those records wait, delivers elsewhere, ends, and delivers them at its next start', async () => {
    const stdout = await anUnreadPipe();
    const pumps = { csv, out: onOutput };
    const first = await start({ pumps, pipes: { stdout } });
    const { good } = await pushRecords(redis, 3000);
    await expect.poll(() => delivered(first, 'CSV'), { timeout: 20_000 }).toBe(3000);
    expect(compare(good, await inCsv([path.join(first.dir, 'csv')])).lost).toBe(0);
    await endsAtSigterm(first);

    const file = readInto(stdout);
    const second = await start({ pumps });
    await untilDrained(redis);
    const arrived = await inJsonLines([file, second.stdoutFile]);
    expect(compare(good, arrived)).toMatchObject({ lost: 0, invented: 0 });
  });

  it('ends that pump with a reason when the reader has gone, and no other', async () => {
    const stdout = await anUnreadPipe();
    const pump = await start({ pumps: { csv, out: onOutput }, pipes: { stdout } });
    await until('it runs', async () => (await ready(pump)) !== '');
    for (const file of opened.splice(0)) closeSync(file);
    const { good } = await pushRecords(redis, 1000);
    await expect.poll(() => delivered(pump, 'CSV'), { timeout: 20_000 }).toBe(1000);
    await expect
      .poll(() => ready(pump), { timeout: 20_000 })
      .toContain('standard output was closed');
    expect(pump.output()).toContain('The sink is gone for good and the pump ends');
    await endsAtSigterm(pump);

    const next = await start({ pumps: { csv, out: onOutput } });
    await untilDrained(redis);
    expect(compare(good, await inJsonLines([next.stdoutFile])).lost).toBe(0);
  });

  it('says so at /ready', async () => {
    const pump = await start({
      pumps: { out: onOutput },
      pipes: { stdout: await anUnreadPipe() },
      own: { attempt_timeout: '60s' },
    });
    await pushRecords(redis, 3000);
    await expect
      .poll(() => ready(pump), { timeout: 20_000 })
      .toContain('nobody has read standard output for');
    await endsAtSigterm(pump);
  });
});

describe('a command whose output nobody reads', () => {
  /** A configuration with so many problems that no pipe holds them. */
  async function longAnswer(): Promise<string> {
    const conf = path.join(await scratchFolder('cli'), 'pump.json');
    const unknown = Array.from({ length: 5000 }, (_, index) => [`unknown_option_${index}`, 1]);
    await writeFile(conf, JSON.stringify(Object.fromEntries(unknown)));
    return conf;
  }

  function run(conf: string, streams: string) {
    const child = launch('sh', [
      '-c',
      `exec "${process.execPath}" "${main}" validate --conf "${conf}" ${streams}`,
    ]);
    started.push({ stop: () => child.kill9() });
    return child;
  }

  it('waits for its reader, and ends at a signal', async () => {
    const pipe = await anUnreadPipe();
    const child = run(await longAnswer(), `>"${pipe}"`);
    await until('it has begun to write', () => isFull(pipe));
    process.kill(child.pid, 'SIGTERM');
    await until('it is gone', () => !child.isRunning(), longEnough);
  });

  it('is not disturbed by a reader who has seen enough', async () => {
    const child = run(await longAnswer(), '| head -1');
    await until('it is gone', () => !child.isRunning(), longEnough);
    expect(child.output()).toContain('unknown_option_0');
  });
});

/** Whether the pipe takes nothing more: what a writer that must not wait is told. */
function isFull(pipe: string): Promise<boolean> {
  const options: SpawnOptions = { stdio: 'ignore' };
  const script =
    "const fs = require('fs'); const fd = fs.openSync(process.argv[1], fs.constants.O_WRONLY | fs.constants.O_NONBLOCK); try { fs.writeSync(fd, '\\n'.repeat(4096)); } catch { process.exit(3); }";
  return new Promise((resolve) => {
    spawn(process.execPath, ['-e', script, pipe], options).on('exit', (code) =>
      resolve(code === 3),
    );
  });
}

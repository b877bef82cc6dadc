/**
 * `npm run bench -- --streams`: the memory of the gateway, as it is built, while 2,000 connections stream 10 MB each, all held up
 * in the middle first by sides that take nothing. In a network namespace of its own, whose sockets the kernel gives 128 KB to
 * buffer: with what it gives by default, so many that are held up would use up what it has for all sockets of the machine.
 */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { launch, scratchFolder, until } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { beginStreams, type Way } from './load.ts';

const count = Number(process.env['SLUICE_BENCH_STREAMS'] ?? 2000);
const size = 10 * 1024 * 1024;
const names: Readonly<Record<Way, string>> = { GET: 'downloads', POST: 'uploads', PUT: 'both' };
const isInside = process.argv[2] === 'inside';
const listening = /(?:listening at |listens_at="?https?:\/\/[\d.]+:)(\d+)/;

/** Resolves to the exit code. */
export function measureStreams(): number {
  const inside = `ip link set lo up mtu 9000 &&
    echo '4096 131072 131072' > /proc/sys/net/ipv4/tcp_rmem && echo '4096 131072 131072' > /proc/sys/net/ipv4/tcp_wmem &&
    exec "$0" --conditions=source --import=tsx bench/capture/streams/main.ts inside`;
  const { status } = spawnSync('unshare', ['--net', 'sh', '-c', inside, process.execPath], {
    stdio: 'inherit',
  });
  return status ?? 1;
}

async function measure(): Promise<void> {
  const folder = await scratchFolder('bench-streams');
  const redis = await startRedis();
  console.log('| streams | recording | whole | seconds | MB before | MB at most |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const way of ['GET', 'POST', 'PUT'] as const)
    for (const bodies of [undefined, '64KiB'])
      await row(way, bodies, { folder, redisPort: redis.port });
  await redis.stop();
}

async function row(
  way: Way,
  bodies: string | undefined,
  { folder, redisPort }: { readonly folder: string; readonly redisPort: number },
): Promise<void> {
  const origin = launch(process.execPath, ['bench/capture/streams/origin.mjs', String(size)]);
  const originPort = await portOf(origin);
  const conf = path.join(folder, 'capture.yaml');
  await writeFile(
    conf,
    `storage: {host: 127.0.0.1, port: ${redisPort}}
record: {bodies: ${bodies ?? '0B'}, expiry: 5s}
sources:
  - {type: gateway, listen: "127.0.0.1:0", target: "http://127.0.0.1:${originPort}", timeout: 600s, record: ${bodies !== undefined}}
`,
  );
  const gateway = launch(process.execPath, ['dist/src/capture.js', '--conf', conf]);
  const port = await portOf(gateway);
  const before = await highest(gateway.pid);
  const begun = Date.now();
  const streams = await beginStreams(port, { way, count, size });
  // Until nothing moves any more: everything is as full as it gets.
  for (let last = -1; last !== streams.moved(); ) {
    last = streams.moved();
    await delay(2000);
  }
  streams.go();
  await fetch(`http://127.0.0.1:${originPort}/go`, { method: 'POST', body: 'go' });
  const whole = await streams.finished;
  const cells = [
    ...[names[way], bodies === undefined ? 'none' : `bodies of ${bodies}`, `${whole} of ${count}`],
    ...[Math.round((Date.now() - begun) / 1000), before, await highest(gateway.pid)],
  ];
  console.log(`| ${cells.join(' | ')} |`);
  await gateway.stop();
  await origin.stop();
}

async function portOf(child: ReturnType<typeof launch>): Promise<number> {
  await until('it listens', () => listening.test(child.output()) || !child.isRunning());
  if (!child.isRunning()) throw new Error(child.output());
  return Number(listening.exec(child.output())?.[1]);
}

/** Megabytes that a process has had in memory at its highest. */
async function highest(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}

if (isInside) await measure();

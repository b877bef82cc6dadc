/**
 * `npm run bench -- --capture`: what a request through the gateway costs beside a bare proxy of Node and beside nginx. All
 * contenders take their turns in each round, so that a machine that is busy with something else is busy for all of them.
 */
import path from 'node:path';
import { startNginx } from '../../test/services/nginx.ts';
import { scratchFolder } from '../../test/services/process.ts';
import { startRedis } from '../../test/services/redis.ts';
import { usageOf } from '../measure/process-tree.ts';
import { rounded, spreadOf } from '../measure/statistics.ts';
import type { BenchOptions } from '../options.ts';
import { jsonBody } from './body.ts';
import { type Contender, contenders } from './contenders.ts';
import { measureForward } from './forward/measure.ts';
import { load } from './load.ts';
import type { LoadResult } from './wrk.ts';

const answerBytes = 1024;
const connections = 64;
const [warmSeconds, seconds, latencySeconds] = [2, 5, 3];

interface Measured {
  readonly cpuPer100k: number;
  readonly perSecond: number;
  readonly p50: number;
}

/** Rows of a table: a contender, with what it took of a body. */
interface Row {
  readonly name: string;
  readonly bodyBytes: number;
  readonly rounds: Measured[];
}

export async function measureCapture({ rounds }: BenchOptions): Promise<number> {
  const origin = await startNginx({
    server: `location / { default_type application/json; return 200 '${jsonBody(answerBytes)}'; }`,
  });
  const main = process.env['SLUICE_BENCH_MAIN'] ?? path.resolve('dist/src/main.js');
  const capture = path.join(path.dirname(main), 'capture.js');
  const folder = await scratchFolder('bench-capture');
  const redis = await startRedis();
  const running: { readonly name: string; readonly contender: Contender }[] = [];
  try {
    const setting = { originPort: origin.port, redisPort: redis.port, capture, folder };
    for (const kind of contenders)
      running.push({ name: kind.name, contender: await kind.start(setting) });
    const rows: Row[] = [0, answerBytes].flatMap((bodyBytes) =>
      running.map(({ name }) => ({ name, bodyBytes, rounds: [] })),
    );
    for (let round = 0; round < rounds; round++)
      for (const row of rows) {
        const contender = running.find(({ name }) => name === row.name)?.contender;
        if (contender !== undefined) row.rounds.push(await measure(contender, row.bodyBytes));
        console.log(`round ${round + 1}: ${row.name}, ${row.bodyBytes} B sent`);
      }
    const direct = await load(`http://127.0.0.1:${origin.port}/`, {
      ...{ connections: 1, seconds: latencySeconds, bodyBytes: 0 },
    });
    print(rows, direct);
  } finally {
    for (const { contender } of running) await contender.stop();
    await origin.stop();
    await redis.stop();
  }
  await measureForward(rounds);
  return 0;
}

async function measure({ port, pid }: Contender, bodyBytes: number): Promise<Measured> {
  const url = `http://127.0.0.1:${port}/`;
  await load(url, { connections, seconds: warmSeconds, bodyBytes });
  const before = usageOf(pid).cpu;
  const result = await load(url, { connections, seconds, bodyBytes });
  const used = usageOf(pid).cpu - before;
  if (result.failures > 0) throw new Error(`${result.failures} requests failed`);
  // Latency is what one client waits; with 64 at a time it would be the queue.
  const alone = await load(url, { connections: 1, seconds: latencySeconds, bodyBytes });
  return {
    cpuPer100k: (used / result.requests) * 100_000,
    perSecond: result.perSecond,
    p50: alone.p50,
  };
}

function print(rows: readonly Row[], direct: LoadResult): void {
  console.log(`\np50 without a proxy: ${rounded(direct.p50, 3)} ms\n`);
  console.log(
    '| proxy | sent | CPU s / 100,000 | requests / CPU s, of the bare proxy | CPU, of nginx | requests / s | p50 added, ms |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const row of rows) {
    const cpu = median(row, 'cpuPer100k');
    const same = rows.filter(({ bodyBytes }) => bodyBytes === row.bodyBytes);
    const [bare, nginx] = [same.at(0), same.at(-1)].map((other) =>
      other === undefined ? Number.NaN : median(other, 'cpuPer100k'),
    );
    const cells = [
      ...[row.name, `${row.bodyBytes} B`, rounded(cpu, 2), rounded((bare ?? 0) / cpu, 2)],
      ...[rounded(cpu / (nginx ?? 0), 2), Math.round(median(row, 'perSecond'))],
      rounded(median(row, 'p50') - direct.p50, 3),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

const median = (row: Row, key: keyof Measured): number =>
  spreadOf(row.rounds.map((round) => round[key])).median;

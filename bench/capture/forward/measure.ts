/**
 * The benchmark of DataKit's proxy, against a bare tunnel: 16 clients post 172,787 bytes over HTTPS, 100 times each. Client,
 * origin and proxy are processes of their own; contenders take turns in each round, so that what else the machine does is
 * shared out between them.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { launch, scratchFolder, Unavailable, until } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { usageOf } from '../../measure/process-tree.ts';
import { rounded, spreadOf } from '../../measure/statistics.ts';
import {
  base,
  type Contender,
  contenders,
  type Running,
  type Setting,
  tunnel,
} from './contenders.ts';

const run = promisify(execFile);
const [clients, requests] = [16, 100];

interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly cpuPerRequest: number;
}

interface Row {
  readonly name: string;
  readonly running: Running;
  readonly rounds: Measured[];
}

/** `only`: contenders whose names contain it. */
export async function measureForward(rounds: number, only = ''): Promise<void> {
  const main = process.env['SLUICE_BENCH_MAIN'] ?? path.resolve('dist/src/main.js');
  const capture = path.join(path.dirname(main), 'capture.js');
  const folder = await scratchFolder('bench-forward');
  const [caFile, caCertFile] = [path.join(folder, 'ca.pem'), path.join(folder, 'ca.crt')];
  await run(process.execPath, [capture, 'ca', '--file', caFile, '--export', caCertFile]);
  const redis = await startRedis();
  const setting: Setting = { capture, redisPort: redis.port, folder, caFile, caCertFile };
  const origin = launch(process.execPath, [
    ...['--conditions=source', '--import=tsx', 'bench/capture/forward/origin.ts', caFile],
  ]);
  const rows: Row[] = [];
  try {
    await until('the origin listens', () => Promise.resolve(/listening at/.test(origin.output())));
    const url = /listening at (\S+)/.exec(origin.output())?.[1] ?? '';
    for (const contender of contenders.filter(({ name }) => name.includes(only))) {
      const running = await startOrSkip(contender, setting);
      if (running !== undefined) rows.push({ name: contender.name, running, rounds: [] });
    }
    for (const { running } of rows) await load(setting, url, running);
    for (let round = 0; round < rounds; round++)
      for (const row of rows) {
        const before = usageOf(row.running.pid).cpu;
        const measured = await load(setting, url, row.running);
        const cpu = (usageOf(row.running.pid).cpu - before) * 1000;
        row.rounds.push({ ...measured, cpuPerRequest: cpu / (clients * requests) });
        console.log(
          `round ${round + 1}: ${row.name}: ${Math.round(measured.perSecond)} requests/s`,
        );
      }
  } finally {
    for (const { running } of rows) await running.stop();
    await origin.stop();
    await redis.stop();
  }
  print(rows);
}

async function startOrSkip(contender: Contender, setting: Setting): Promise<Running | undefined> {
  try {
    return await contender.start(setting);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.warn(`${contender.name} is left out: ${error.message}`);
    return undefined;
  }
}

async function load(
  { capture, caFile }: Setting,
  url: string,
  proxy: Running,
): Promise<Omit<Measured, 'cpuPerRequest'>> {
  const { stdout } = await run(process.execPath, [
    ...[capture, 'bench', 'proxy', '-c', String(clients), '-r', String(requests)],
    ...['--url', url, '--ca-file', caFile, '-proxy', proxy.url],
  ]);
  const figure = (name: string): number => {
    const line = stdout.split('\n').find((one) => one.startsWith(name));
    return Number(line?.split(' ').at(-1));
  };
  const latency = 'api_latency_seconds{api="/v1/write/xxx",status="200 OK",quantile=';
  return {
    perSecond: (clients * requests) / figure('api_elapsed_seconds '),
    p50: figure(`${latency}"0.5"}`) * 1000,
    p99: figure(`${latency}"0.99"}`) * 1000,
  };
}

function print(rows: readonly Row[]): void {
  const median = (row: Row, key: keyof Measured): number =>
    spreadOf(row.rounds.map((round) => round[key])).median;
  // Of each round, as both were measured under the same load.
  const share = (row: Row, of: string): number => {
    const other = rows.find(({ name }) => name === of);
    const shares = row.rounds.map((one, at) => one.perSecond / (other?.rounds[at]?.perSecond ?? 0));
    return spreadOf(shares).median;
  };
  console.log(
    '\n| proxy | requests / s | of the bare tunnel | of our tunnel | p50, ms | p99, ms | CPU ms / request |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
  );
  for (const row of rows) {
    const cells = [
      ...[row.name, Math.round(median(row, 'perSecond'))],
      ...[rounded(share(row, base.name), 2), rounded(share(row, tunnel.name), 2)],
      ...[rounded(median(row, 'p50'), 1), rounded(median(row, 'p99'), 1)],
      rounded(median(row, 'cpuPerRequest'), 3),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

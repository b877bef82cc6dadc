/**
 * `npm run bench -- --ebpf`: what it costs to look into the TLS of an nginx that is asked at a fixed rate. All contenders take their
 * turns in each round and rate: nobody looks, somebody looks and records nothing, somebody records.
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeCertificates } from '../../../test/services/certificates.ts';
import { needEbpfLoader } from '../../../test/services/ebpf.ts';
import { needNginx, startNginx } from '../../../test/services/nginx.ts';
import { freePort, scratchFolder, Unavailable, until } from '../../../test/services/process.ts';
import { startRedis } from '../../../test/services/redis.ts';
import { usageOf } from '../../measure/process-tree.ts';
import { rounded, spreadOf } from '../../measure/statistics.ts';
import type { BenchOptions } from '../../options.ts';
import { jsonBody } from '../body.ts';
import { needWrk } from '../wrk.ts';
import { identical } from './identity.ts';
import { pacedLoad } from './paced.ts';
import {
  startWatching,
  type Watching,
  type WatchingKind,
  type WatchingSetting,
} from './watching.ts';

const answerBytes = 1024;
/** Code that has run often is compiled: what a program costs in its first seconds is not what it costs. */
const warming = { rate: 10_000, connections: 64, seconds: 3 };
const seconds = 5;
/** At 1,000 a second few are under way at a time, so that a latency is a call's and not a queue's. */
const rates = [
  { rate: 1000, connections: 16 },
  { rate: 10_000, connections: 64 },
] as const;

const kinds: readonly (WatchingKind | undefined)[] = [
  undefined,
  { name: 'watched, nothing recorded', isRecording: false, bodies: '0B' },
  { name: 'watched, records without bodies', isRecording: true, bodies: '0B' },
  { name: 'watched, records with bodies', isRecording: true, bodies: '64KiB' },
];

interface Measured {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of a processor: nginx, the loader, Sluice. */
  readonly cpu: readonly [number, number, number];
  /** Calls of which no record, or no exchange, came; pieces that the loader lost. */
  readonly lost: number;
  /** Records whose body is what nginx sent, of all of them; NaN: there are none. */
  readonly identity: number;
}

interface Setting extends WatchingSetting {
  readonly nginx: number;
  readonly url: string;
  readonly body: string;
}

/** Skipped aloud where the kernel, the rights or the programs are missing. */
export async function measureEbpf({ rounds }: BenchOptions): Promise<number> {
  let loader: string;
  try {
    [loader] = await Promise.all([needEbpfLoader(), needNginx(), needWrk()]);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    console.log(`Not measured: ${error.message}`);
    return 1;
  }
  const redis = await startRedis();
  const { certFile, keyFile } = await makeCertificates();
  const port = await freePort();
  const body = jsonBody(answerBytes);
  const nginx = await startNginx({
    server: 'location / { return 204; }',
    http: `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; access_log off;
      location / { default_type application/json; return 200 '${body}'; } }`,
  });
  const main = process.env['SLUICE_BENCH_MAIN'] ?? path.resolve('dist/src/main.js');
  const setting: Setting = {
    ...{ loader, body, nginx: nginx.pid, redisPort: redis.port },
    capture: path.join(path.dirname(main), 'capture.js'),
    folder: await scratchFolder('bench-ebpf'),
    url: `https://127.0.0.1:${port}/`,
  };
  try {
    for (const pace of rates) {
      const rows = kinds.map((kind) => ({
        name: kind?.name ?? 'nobody looks',
        results: [] as Measured[],
      }));
      for (let round = 0; round < rounds; round++)
        for (const [index, kind] of kinds.entries()) {
          await redis.client.flushall();
          const recorded = (): Promise<number> =>
            kind !== undefined && kind.bodies !== '0B'
              ? identical(redis.client, body)
              : Promise.resolve(Number.NaN);
          rows[index]?.results.push(await measure(kind, pace, setting, recorded));
          console.log(`${pace.rate} a second, round ${round + 1}: ${kind?.name ?? 'nobody looks'}`);
        }
      print(pace.rate, rows);
    }
  } finally {
    await nginx.stop();
    await redis.stop();
  }
  return 0;
}

async function measure(
  kind: WatchingKind | undefined,
  pace: (typeof rates)[number],
  setting: Setting,
  recorded: () => Promise<number>,
): Promise<Measured> {
  const watching = kind && (await startWatching(kind, setting.nginx, setting));
  try {
    await pacedLoad(setting.url, warming);
    await settled(watching);
    const count = await watching?.counts();
    const before = cpuOf(setting.nginx, watching);
    const result = await pacedLoad(setting.url, { ...pace, seconds });
    if (result.failures > 0) throw new Error(`${result.failures} requests failed`);
    await settled(watching);
    const after = cpuOf(setting.nginx, watching);
    const counted = await watching?.counts();
    const grown = (name: string, label?: string): number =>
      (counted?.(name, label) ?? 0) - (count?.(name, label) ?? 0);
    const unseen =
      kind?.isRecording === true
        ? Math.max(0, result.requests - grown('sluice_capture_records_total', 'outcome="written"'))
        : 0;
    return {
      ...{ perSecond: result.perSecond, p50: result.p50, p99: result.p99 },
      cpu: [0, 1, 2].map(
        (index) => ((after[index] ?? 0) - (before[index] ?? 0)) / seconds,
      ) as never,
      lost: unseen + grown('sluice_capture_ebpf_lost_total'),
      identity: await recorded(),
    };
  } finally {
    await watching?.stop();
  }
}

/** Seconds of processor time so far: nginx, the loader, Sluice. */
function cpuOf(nginx: number, watching: Watching | undefined): readonly [number, number, number] {
  const [server, all, loader] = [nginx, watching?.pid, watching?.loaderPid].map((pid) =>
    pid === undefined ? 0 : usageOf(pid).cpu,
  ) as [number, number, number];
  return [server, loader, all - loader];
}

/** Until what was seen has become records, and these are written: the counters stand still. */
async function settled(watching: Watching | undefined): Promise<void> {
  let last = -1;
  await until('all is written', async () => {
    await delay(watching === undefined ? 0 : 1200);
    const count = await watching?.counts();
    const now =
      (count?.('sluice_capture_ebpf_calls_total') ?? 0) +
      (count?.('sluice_capture_records_total') ?? 0);
    const isStill = now === last || watching === undefined;
    last = now;
    return isStill;
  });
}

function print(
  rate: number,
  rows: readonly { readonly name: string; readonly results: readonly Measured[] }[],
): void {
  const median = (results: readonly Measured[], of: (one: Measured) => number): number =>
    spreadOf(results.map(of)).median;
  const percent = (share: number): string => `${rounded(share * 100, 1)} %`;
  console.log(`\n${rate} requests a second, answers of ${answerBytes} bytes\n`);
  console.log(
    '| who looks | requests / s | p50, ms | p99, ms | nginx | loader | Sluice | lost | identical |',
  );
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const { name, results } of rows) {
    const cells = [
      ...[name, Math.round(median(results, (one) => one.perSecond))],
      ...[
        rounded(
          median(results, (one) => one.p50),
          3,
        ),
        rounded(
          median(results, (one) => one.p99),
          3,
        ),
      ],
      ...[0, 1, 2].map((index) => percent(median(results, (one) => one.cpu[index] ?? 0))),
      results.reduce((sum, one) => sum + one.lost, 0),
      results.some((one) => Number.isNaN(one.identity))
        ? '–'
        : percent(Math.min(...results.map((one) => one.identity))),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Child, freePort, launch, scratchFolder, until } from '../services/process.ts';
import type { RedisServer } from '../services/redis.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** A process of the built pump with a folder of its own. */
export interface PumpProcess extends Child {
  readonly dir: string;
  readonly stdoutFile: string;
  readonly healthPort: number;
}

export interface PumpConfig {
  readonly redis: Pick<RedisServer, 'host' | 'port'>;
  readonly pumps: Readonly<Record<string, unknown>>;
  /** `uptime_pump_config`; left out: the list of uptime records is left alone. */
  readonly uptime?: Readonly<Record<string, unknown>>;
  /** The `sluice` object. */
  readonly own?: Readonly<Record<string, unknown>>;
  /** The `kv` object. */
  readonly kv?: Readonly<Record<string, unknown>>;
  readonly purgeDelay?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Pipes in place of the file for standard output, and of the one this process reads for standard error. */
  readonly pipes?: { readonly stdout?: string; readonly stderr?: string };
  /** Who reads standard output: a command; left out: a file. */
  readonly reader?: string;
  /** The program; left out: the one that was built from this checkout. */
  readonly program?: string;
}

/** Starts `sluice --conf …` as an operator would. `{dir}` in the configuration becomes the process's own folder. */
export async function startPump({
  redis,
  pumps,
  uptime,
  own = {},
  kv = {},
  purgeDelay = 1,
  env = {},
  pipes = {},
  reader,
  program = main,
}: PumpConfig): Promise<PumpProcess> {
  const dir = await scratchFolder('pump');
  const healthPort = await freePort();
  const conf = path.join(dir, 'pump.json');
  const config = {
    analytics_storage_config: { host: redis.host, port: redis.port },
    purge_delay: purgeDelay,
    dont_purge_uptime_data: uptime === undefined,
    uptime_pump_config: uptime,
    health_check_endpoint_port: healthPort,
    pumps,
    sluice: own,
    kv,
  };
  await writeFile(conf, JSON.stringify(config).replaceAll('{dir}', dir));
  const stdoutFile = path.join(dir, 'stdout.log');
  const output = reader === undefined ? `"${pipes.stdout ?? stdoutFile}"` : ` >(exec ${reader})`;
  const streams = `>${output} ${pipes.stderr === undefined ? '' : `2>"${pipes.stderr}"`}`;
  const command = `exec "${process.execPath}" "${program}" --conf "${conf}" ${streams}`;
  const child = launch(reader === undefined ? 'sh' : 'bash', ['-c', command], {
    cwd: dir,
    env: { PATH: process.env['PATH'], TZ: 'UTC', ...env },
  });
  return Object.assign(Object.create(child) as Child, child, { dir, stdoutFile, healthPort });
}

/** One metric of a running pump, summed over the series that match; 0 while there is none. */
export async function metric(
  pump: Pick<PumpProcess, 'healthPort'>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${pump.healthPort}/metrics`).catch(
    () => undefined,
  );
  const text = (await response?.text()) ?? '';
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue;
    if (!Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
      continue;
    sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  }
  return sum;
}

/** Waits until nothing of the gateway's lists and none of our segments is left in Redis: all routes have answered. */
export async function untilDrained(redis: RedisServer, limit = 120_000): Promise<void> {
  await until(
    'every route has answered for everything',
    async () => {
      const keys = await redis.client.keys('*');
      const waiting = keys.filter((key) => !key.startsWith('{') && key.includes('analytics'));
      const segments = keys.filter((key) => key.includes(':seg:'));
      return waiting.length === 0 && segments.length === 0;
    },
    limit,
  );
}

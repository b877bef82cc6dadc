import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from './debian.ts';
import { freePort, launch, scratchFolder, Unavailable, untilReady } from './process.ts';

const run = promisify(execFile);

export interface PrometheusServer {
  readonly url: string;
  /** The value of each series that a query gives, by its labels as JSON with sorted names. */
  query(promql: string): Promise<ReadonlyMap<string, number>>;
  /** What became of the last scrape of the target: `up`, or the error. */
  health(): Promise<string>;
  stop(): Promise<void>;
}

interface Answer<T> {
  readonly data: T;
}

/**
 * A real server that scrapes each target (`127.0.0.1:9090/metrics`) twice a second. Throws `Unavailable` where it is
 * not there and cannot be installed.
 */
export async function startPrometheus(targets: readonly string[]): Promise<PrometheusServer> {
  await needPrometheus();
  const dir = await scratchFolder('prometheus');
  const port = await freePort();
  const file = path.join(dir, 'prometheus.yml');
  const jobs = targets.map((target, index) => {
    const [, address = '', page = ''] = /^([^/]+)(\/.*)$/.exec(target) ?? [];
    return { job_name: `t${index}`, metrics_path: page, static_configs: [{ targets: [address] }] };
  });
  // JSON is YAML.
  const global = { scrape_interval: '500ms', scrape_timeout: '500ms' };
  await writeFile(file, JSON.stringify({ global, scrape_configs: jobs }));
  const url = `http://127.0.0.1:${port}`;
  const child = launch('prometheus', [
    ...[`--config.file=${file}`, `--storage.tsdb.path=${dir}`],
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await untilReady(child, 'Prometheus', async () => (await fetch(`${url}/-/ready`)).ok);
  return {
    url,
    async query(promql) {
      const { data } = await ask<{
        readonly result: readonly {
          readonly metric: Readonly<Record<string, string>>;
          readonly value: readonly [number, string];
        }[];
      }>(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
      return new Map(data.result.map(({ metric, value }) => [keyOf(metric), Number(value[1])]));
    },
    async health() {
      const { data } = await ask<{
        readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[];
      }>(`${url}/api/v1/targets`);
      return data.activeTargets.map(({ health, lastError }) => lastError || health).join('; ');
    },
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const keyOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));

async function ask<T>(url: string): Promise<Answer<T>> {
  return (await (await fetch(url)).json()) as Answer<T>;
}

/** `promtool check metrics`: its exit code (0 clean, 1 unreadable, 3 only lint) and what it says. */
export async function checkMetrics(
  page: string,
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  await needPrometheus();
  const tool = spawn('promtool', ['check', 'metrics']);
  let said = '';
  tool.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  tool.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  tool.stdin.end(page);
  const [code] = (await once(tool, 'close')) as [number | null];
  return { code, lines: said.split('\n').filter((line) => line !== '') };
}

/** Its programs. Throws `Unavailable` where they are missing and cannot be installed. */
export async function needPrometheus(): Promise<void> {
  if (await isThere()) return;
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    console.warn('Installing Prometheus with apt-get.');
    await installPackages(['prometheus']).catch(() => undefined);
  }
  if (!(await isThere())) {
    throw new Unavailable('There is no `prometheus` and `promtool` on this machine.');
  }
}

const isThere = (): Promise<boolean> =>
  Promise.all(['prometheus', 'promtool'].map((tool) => run(tool, ['--version']))).then(
    () => true,
    () => false,
  );

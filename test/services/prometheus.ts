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
  /** Each rule of the files that it was given, by name: what became of its last evaluation, and its state. */
  rules(): Promise<ReadonlyMap<string, RuleState>>;
  stop(): Promise<void>;
}

export interface RuleState {
  /** `ok` once it was evaluated without an error. */
  readonly health: string;
  readonly state: 'inactive' | 'pending' | 'firing';
}

type Answer<T> =
  | { readonly status: 'success'; readonly data: T }
  | { readonly status: 'error'; readonly error: string };

/**
 * A real server that scrapes each target (`127.0.0.1:9090/metrics`) twice a second, and evaluates the files of rules as
 * often. Throws `Unavailable` where it is not there and cannot be installed.
 */
export async function startPrometheus(
  targets: readonly string[],
  ruleFiles: readonly string[] = [],
): Promise<PrometheusServer> {
  await needPrometheus();
  const dir = await scratchFolder('prometheus');
  const port = await freePort();
  const file = path.join(dir, 'prometheus.yml');
  const jobs = targets.map((target, index) => {
    const [, address = '', page = ''] = /^([^/]+)(\/.*)$/.exec(target) ?? [];
    return { job_name: `t${index}`, metrics_path: page, static_configs: [{ targets: [address] }] };
  });
  // JSON is YAML.
  const global = {
    scrape_interval: '500ms',
    scrape_timeout: '500ms',
    evaluation_interval: '500ms',
  };
  await writeFile(file, JSON.stringify({ global, scrape_configs: jobs, rule_files: ruleFiles }));
  const url = `http://127.0.0.1:${port}`;
  const child = launch('prometheus', [
    ...[`--config.file=${file}`, `--storage.tsdb.path=${dir}`],
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  await untilReady(child, 'Prometheus', async () => (await fetch(`${url}/-/ready`)).ok);
  return {
    url,
    async query(promql) {
      const { result } = await ask<{
        readonly result: readonly {
          readonly metric: Readonly<Record<string, string>>;
          readonly value: readonly [number, string];
        }[];
      }>(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
      return new Map(result.map(({ metric, value }) => [keyOf(metric), Number(value[1])]));
    },
    async health() {
      const { activeTargets } = await ask<{
        readonly activeTargets: readonly { readonly health: string; readonly lastError: string }[];
      }>(`${url}/api/v1/targets`);
      return activeTargets.map(({ health, lastError }) => lastError || health).join('; ');
    },
    async rules() {
      const { groups } = await ask<{
        readonly groups: readonly {
          readonly rules: readonly (RuleState & { readonly name: string })[];
        }[];
      }>(`${url}/api/v1/rules`);
      return new Map(groups.flatMap(({ rules }) => rules.map((rule) => [rule.name, rule])));
    },
    async stop() {
      await child.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const keyOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))));

async function ask<T>(url: string): Promise<T> {
  const answer = (await (await fetch(url)).json()) as Answer<T>;
  if (answer.status === 'error') throw new Error(answer.error);
  return answer.data;
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

/** `promtool test rules`: what it says, and whether all went well. */
export async function testRules(
  file: string,
): Promise<{ readonly ok: boolean; readonly said: string }> {
  await needPrometheus();
  return run('promtool', ['test', 'rules', path.basename(file)], {
    cwd: path.dirname(file),
  }).then(
    ({ stdout, stderr }) => ({ ok: true, said: stdout + stderr }),
    (error: unknown) => ({ ok: false, said: String(error) }),
  );
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

import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../services/process.ts';
import { startRedis } from '../services/redis.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** The configuration that stands in the reference's own documentation, word for word. */
const documented =
  '{"analytics_storage_type":"redis","analytics_storage_config":{"type":"redis","host":"redis","port":6379,"optimisation_max_idle":100,"optimisation_max_active":200,"enable_cluster":false},"purge_delay":5,"pumps":{"elasticsearch":{"type":"elasticsearch","meta":{"index_name":"tyk_analytics","elasticsearch_url":"http://elasticsearch:9200","enable_sniffing":false,"document_type":"tyk_analytics","rolling_index":false,"extended_stats":false,"version":"6"}}},"dont_purge_uptime_data":true}';

describe('the command line', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'sluice-cli-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  function sluice(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
    return new Promise((resolve) => {
      const env = { PATH: process.env['PATH'] ?? '', TZ: 'UTC' };
      execFile(process.execPath, [main, ...args], { cwd: dir, env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
  }

  async function confOf(text: string): Promise<string> {
    const file = path.join(dir, 'pump.json');
    await writeFile(file, text);
    return file;
  }

  it('finds the documented configuration ok', async () => {
    const { code, out } = await sluice('validate', '--conf', await confOf(documented));
    expect(out.trimEnd().split('\n').at(-1)).toBe('ok');
    expect(code).toBe(0);
  });

  it('prints every problem of a broken configuration at once, and no secret', async () => {
    const conf = await confOf(
      JSON.stringify({
        purge_delay: 'soon',
        analytics_storage_config: { host: 'redis', port: 99_999, password: 'hush-hush' },
        pumps: {
          one: { type: 'elasticsearch', meta: { use_sniffing: 'perhaps', index_nam: 'x' } },
          two: { type: 'no-such-pump' },
          three: { type: 'csv', timeout: [], meta: { csv_dir: 7 } },
        },
      }),
    );
    const { code, out } = await sluice('validate', '--conf', conf);
    for (const key of [
      'purge_delay',
      'analytics_storage_config.port',
      'pumps.one.meta.use_sniffing',
      'pumps.one.meta.index_nam',
      'pumps.TWO.type',
      'pumps.three.timeout',
      'pumps.three.meta.csv_dir',
    ])
      expect(out).toContain(key);
    expect(out).not.toContain('hush-hush');
    expect(code).toBe(1);
  });

  it('starts nothing with a broken configuration and says why', async () => {
    const conf = await confOf('{"purge_delay": "soon", "pumps": {"csv": {"type": "csv"}}}');
    const { code, err } = await sluice('--conf', conf);
    expect(err).toContain('purge_delay');
    expect(code).toBe(1);
  });

  it('ends with 1 when no pump is usable', async () => {
    const conf = await confOf('{"purge_delay": 1, "pumps": {"x": {"type": "no-such-pump"}}}');
    const { code, err } = await sluice('--conf', conf);
    expect(err).toContain('No pumps configured');
    expect(code).toBe(1);
  });

  it('shows its version on standard output', async () => {
    const { code, out, err } = await sluice('--version');
    expect(out).toMatch(/^sluice v\d+\.\d+\.\d+\n$/);
    expect(err).toBe('');
    expect(code).toBe(0);
  });

  it('fails at an unknown command, also where it is asked for help', async () => {
    const { code, err } = await sluice('stauts', '--help');
    expect(err).toContain("did you mean 'status'?");
    expect(code).toBe(1);
  });

  it('refuses an unknown flag', async () => {
    expect((await sluice('--no-such-flag')).code).toBe(1);
  });

  it('streams demo records to the pumps and ends by itself', async () => {
    const redis = await startRedis();
    const conf = await confOf(
      JSON.stringify({
        analytics_storage_config: { host: redis.host, port: redis.port },
        purge_delay: 1,
        dont_purge_uptime_data: true,
        health_check_endpoint_port: await freePort(),
        pumps: { csv: { type: 'csv', meta: { csv_dir: path.join(dir, 'demo') } } },
      }),
    );
    const demo = ['--demo', 'acme', '--demo-days', '2', '--demo-records-per-hour', '5'];
    const { code } = await sluice('--conf', conf, ...demo);
    await redis.stop();
    const files = await readdir(path.join(dir, 'demo'));
    const texts = await Promise.all(
      files.map((name) => readFile(path.join(dir, 'demo', name), 'utf8')),
    );
    const rows = texts.flatMap((text) => text.trimEnd().split('\n').slice(1));
    expect(code).toBe(0);
    expect(rows).toHaveLength(2 * 24 * 5);
    expect(rows.every((row) => row.includes(',acme,'))).toBe(true);
  });
});

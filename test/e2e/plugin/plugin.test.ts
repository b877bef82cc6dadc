/** A pump from outside the tree, as docs/plugins.md has it: compiled, tested and run where there is no checkout. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Child, freePort, launch, until, whyUnavailable } from '../../services/process.ts';
import { needRedis, type RedisServer, startRedis } from '../../services/redis.ts';
import { compare } from '../arrived.ts';
import { stoppedAfterEach } from '../ends.ts';
import { metric, untilDrained } from '../pump.ts';
import { pushRecords } from '../records.ts';
import { startEventsServer } from './events-server.ts';
import { installPackage, printed, putAnotherSluice, writePackage } from './written.ts';

const unavailable = await whyUnavailable(needRedis);
const token = 't0ken-of-events';
const route = 'EVENTS';
const complete = { lost: 0, invented: 0, duplicated: 0 };

describe('the package of docs/plugins.md', () => {
  let folder: string;
  let sluice: string;
  beforeAll(async () => {
    ({ folder, sluice } = await writePackage());
    const compiled = await printed(folder, 'node', 'node_modules/typescript/bin/tsc');
    expect(compiled).toEqual({ code: 0, text: '' });
  });
  const use = stoppedAfterEach();

  it.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])(
    'finds the types of the kit and of its tests, with module %s resolved as %s',
    async (...how) => {
      const [module, resolution] = how;
      const compiler = [
        'node_modules/typescript/bin/tsc',
        '--noEmit',
        '--strict',
        '--ignoreConfig',
      ];
      const options = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023'];
      const files = ['--types', 'node', '--allowImportingTsExtensions', 'test/events.test.ts'];

      const checked = await printed(folder, 'node', ...compiler, ...options, ...files);

      expect(checked).toEqual({ code: 0, text: '' });
    },
  );

  it('needs for them no package but Sluice and the types of Node', async () => {
    const types = path.join(folder, 'node_modules/sluice/dist/types');
    const files = await readdir(types, { recursive: true });
    const imports = await Promise.all(
      files
        .filter((file) => file.endsWith('.d.ts'))
        .map((file) => importsOf(path.join(types, file))),
    );

    expect(imports.flat()).not.toEqual([]);
    expect(imports.flat().filter((name) => !/^(\.|node:)/.test(name))).toEqual([]);
  });

  it('passes the contract suite with Vitest', async () => {
    const { code, text } = await printed(folder, 'node', 'node_modules/vitest/vitest.mjs', 'run');

    expect(text).toMatch(/Tests +\d{2} passed/);
    expect(text).not.toMatch(/failed/);
    expect(code).toBe(0);
  });

  it('passes the contract suite with Node’s own runner', async () => {
    const page = await readFile(path.join(folder, 'test/events.test.ts'), 'utf8');
    const test = page
      .replace("import * as vitest from 'vitest';\n", nodeRunner)
      .replace('const lines: string[]', 'const lines')
      .replace('../src/index.ts', '../dist/index.js');
    await writeFile(path.join(folder, 'test/events.node.mjs'), test);

    const { code, text } = await printed(folder, 'node', '--test', 'test/events.node.mjs');

    expect(text).toMatch(/^. fail 0$/m);
    expect(text).toMatch(/^. pass \d{2}$/m);
    expect(code).toBe(0);
  });

  const withRedis = describe.skipIf(unavailable !== undefined);

  withRedis.each([1, 2])('run by the installed service, with %i threads', (workers) => {
    it('delivers every record once, and the one that is refused is a dead letter with its reason', async () => {
      const redis = use(await startRedis());
      const events = use(await startEventsServer(token, 'record-77'));
      const { good } = await pushRecords(redis, 5_000);
      const { dir, healthPort, child } = await start({ redis, url: events.url, workers });
      const letters = () => metric({ healthPort }, 'sluice_dead_letters_kept', { route });
      await until('the dead letter is there', async () => (await letters()) === 1, 60_000);
      await untilDrained(redis);

      const expected = new Set([...good].filter((alias) => alias !== 'record-77'));
      expect(compare(expected, events.arrived)).toEqual(complete);
      expect(await metric({ healthPort }, 'sluice_workers_up')).toBe(workers === 1 ? 0 : workers);
      expect(await metric({ healthPort }, 'sluice_ledger_mismatches_total')).toBe(0);
      const conf = ['--conf', path.join(dir, 'pump.json')];
      const shown = await printed(dir, sluice, 'dead', 'show', ...conf);
      expect(shown.text).toContain('[secret] may not send record-77');
      const status = await printed(dir, sluice, 'status', ...conf);
      expect(status.text).toMatch(/EVENTS +5,?000/);
      expect(status.code).toBe(0);
      const file = path.join(dir, 'node_modules/@acme/sluice-pump-events/dist/index.js');
      expect(child.output()).toContain(file);
      expect(shown.text + status.text + child.output()).not.toContain(token);
      await child.stop();
      expect(child.exit()).toEqual({ code: 0, signal: null });
    });
  });

  interface Situation {
    readonly redis: RedisServer;
    readonly url: string;
    readonly workers: number;
  }

  /** In a folder that has another package of the name of Sluice beside the plugin, and not the one that runs. */
  async function start({ redis, url, workers }: Situation): Promise<{
    readonly dir: string;
    readonly healthPort: number;
    readonly child: Child;
  }> {
    const healthPort = await freePort();
    const dir = await installPackage(folder, (config) => {
      Object.assign(config, {
        analytics_storage_config: { host: redis.host, port: redis.port },
        health_check_endpoint_port: healthPort,
        sluice: { ...(config['sluice'] as object), workers },
      });
    });
    await putAnotherSluice(dir);
    const conf = path.join(dir, 'pump.json');
    const env = { PATH: process.env['PATH'], TZ: 'UTC', TYK_PMP_PUMPS_EVENTS_META_URL: url };
    const validated = await printed(dir, sluice, 'validate', '--strict', '--conf', conf);
    expect(validated.text).toMatch(/^ok$/m);
    const child = use(launch(sluice, ['--conf', conf], { cwd: folder, env }));
    return { dir, healthPort, child };
  }
});

const nodeRunner = `import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
const vitest = { describe, it, beforeAll: before, afterAll: after, beforeEach, afterEach };
`;

async function importsOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8');
  return [...text.matchAll(/(?:from |import\(|^import )'([^']+)'/gm)].map(([, name = '']) => name);
}

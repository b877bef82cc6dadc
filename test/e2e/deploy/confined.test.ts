/**
 * What the image, the chart and the unit say of the program: it needs no rights, is not root, and writes nothing but where the
 * configuration says. Here it runs so, on a root that is read-only, without a container.
 */
import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Child,
  freePort,
  launch,
  scratchFolder,
  Unavailable,
  until,
  whyUnavailable,
} from '../../services/process.ts';
import { type RedisServer, startRedis } from '../../services/redis.ts';
import { untilDrained } from '../pump.ts';
import { pushRecords } from '../records.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
/** As in the image. */
const user = 1000;
const powerless = [
  ...['setpriv', '--pdeathsig', 'KILL', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
  ...['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'],
].join(' ');

/** A command in which nothing can be written but what is below `writable`, by a user without rights. */
const confined = (writable: string, command: string): readonly string[] => [
  ...['--mount', '--propagation', 'private', 'sh', '-ec'],
  `mount --bind ${writable} ${writable}; mount -o remount,bind,ro /; exec ${powerless} ${command}`,
];

async function needConfinement(): Promise<void> {
  const folder = await scratchFolder('confined');
  await chmod(folder, 0o755);
  const command = `"${process.execPath}" -e "require('fs').writeFileSync('/etc/sluice-was-here', '')"`;
  const said = await run('unshare', [...confined(folder, command)]).then(
    () => 'the root can be written to',
    (error: unknown) => String(error),
  );
  // By the error of the write: everything before it went well.
  if (!/EROFS/.test(said)) throw new Unavailable('This machine lets no test confine a process.');
}

const obstacle = await whyUnavailable(needConfinement);

it('processes can be confined', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

describe.skipIf(obstacle !== undefined)('without rights, on a read-only root', () => {
  let redis: RedisServer | undefined;
  let service: Child | undefined;
  afterAll(async () => {
    await service?.stop();
    await redis?.stop();
  });

  it('takes records in, delivers them to where it is told to, and stops in order', async () => {
    redis = await startRedis();
    const [folder, healthPort] = [await scratchFolder('confined'), await freePort()];
    await chmod(folder, 0o755);
    await cp(path.join(root, 'dist'), path.join(folder, 'dist'), { recursive: true });
    await cp(path.join(root, 'package.json'), path.join(folder, 'package.json'));
    const data = path.join(folder, 'data');
    await mkdir(data);
    await chown(data, user, user);
    const config = {
      analytics_storage_config: { host: redis.host, port: redis.port },
      purge_delay: 1,
      dont_purge_uptime_data: true,
      health_check_endpoint_port: healthPort,
      sluice: { workers: 2, spill_dir: path.join(data, 'spill'), records: { redact: [] } },
      pumps: {
        csv: { type: 'csv', meta: { csv_dir: path.join(data, 'csv') } },
        calls: { type: 'prometheus', meta: { serve_on: 'admin', path: '/calls' } },
        drop: { type: 'dummy', meta: {} },
      },
    };
    const conf = path.join(folder, 'pump.conf');
    await writeFile(conf, JSON.stringify(config));
    const program = path.join(folder, 'dist', 'src', 'main.js');
    const command = `"${process.execPath}" "${program}" --conf "${conf}"`;
    service = launch('unshare', confined(data, command), { cwd: data });
    const running = service;
    await until('it is ready', async () => {
      if (!running.isRunning()) throw new Error(running.output());
      const answer = await fetch(`http://127.0.0.1:${healthPort}/ready`).catch(() => undefined);
      return answer?.ok === true;
    });

    await pushRecords(redis, 500);
    await untilDrained(redis);
    await running.stop();

    expect(running.exit()).toEqual({ code: 0, signal: null });
    expect((await readdir(data)).sort()).toEqual(['csv', 'spill']);
    // One for each hour. Nothing in these records makes a row longer than a line.
    const files = await readdir(path.join(data, 'csv'));
    const texts = files.map((file) => readFile(path.join(data, 'csv', file), 'utf8'));
    const rows = (await Promise.all(texts)).flatMap((text) => text.trim().split('\n').slice(1));
    expect(rows).toHaveLength(500);
    expect(running.output()).not.toMatch(/EROFS|EACCES|EPERM/);
  });
});

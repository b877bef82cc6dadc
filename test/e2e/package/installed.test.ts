/** The package where somebody installed it without development packages and without running their scripts. */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { freePort, scratchFolder } from '../../services/process.ts';
import { install, pack } from './packed.ts';

interface Example {
  readonly pumps: Readonly<Record<string, { readonly type: string; readonly meta?: object }>>;
  readonly uptime_pump_config?: object;
}

describe('the installed package', () => {
  let file: string;
  let packages: readonly string[];
  let modules: string;
  let dir: string;
  beforeAll(async () => {
    dir = await scratchFolder('installed-run');
    ({ file } = await pack());
    ({ packages, modules } = await install(file));
  });

  /** What a program printed, on either stream. */
  const said = (program: string, ...args: readonly string[]): Promise<string> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'] ?? '', TZ: 'UTC' };
      execFile(program, args, { cwd: dir, env }, (_, out, err) => resolve(out + err));
    });
  const sluice = (...args: readonly string[]) =>
    said(path.join(modules, '.bin', 'sluice'), ...args);

  const writeConf = async (name: string, pumps: object, uptime: object = {}): Promise<void> => {
    const conf = {
      ...uptime,
      analytics_storage_config: { host: '127.0.0.1', port: 1 },
      health_check_endpoint_port: await freePort(),
      pumps,
    };
    await writeFile(path.join(dir, name), JSON.stringify(conf));
  };

  it('needs no packages but the native ones', () => {
    const forUnixSockets = ['bindings', 'file-uri-to-path', 'nan', 'unix-dgram'];
    const forSqlite = ['libsql', '@neon-rs/load', 'detect-libc'];
    const native = [...forUnixSockets, ...forSqlite];

    expect(
      packages.filter((name) => !native.includes(name) && !name.startsWith('@libsql/')),
    ).toEqual(['sluice']);
  });

  it('has every pump: each opens, or says in words what it lacks', async () => {
    const folders = path.join(modules, 'sluice', 'pumps');
    const types = await readdir(folders);
    const pumps: Record<string, unknown> = {
      sockets: { type: 'dogstatsd', meta: { address: 'unix:///tmp/nobody.socket' } },
    };
    const ofUptime = new Map<string, object>();
    for (const type of types) {
      const text = await readFile(path.join(folders, type, 'example.json'), 'utf8');
      const { pumps: own, uptime_pump_config } = JSON.parse(text) as Example;
      if (uptime_pump_config === undefined) Object.assign(pumps, own);
      else ofUptime.set(type, { uptime_pump_config });
    }
    await writeConf('all.json', pumps);

    const text = await sluice('validate', '--connect', '--conf', 'all.json');

    for (const type of types.filter((each) => !ofUptime.has(each)))
      expect(text).toMatch(
        new RegExp(`^${type.toUpperCase()} \\(${type}\\): (up|down|unknown)`, 'm'),
      );
    // There is one of these at a time.
    for (const [type, config] of ofUptime) {
      await writeConf('uptime.json', { dummy: { type: 'dummy' } }, config);
      expect(await sluice('validate', '--connect', '--conf', 'uptime.json')).toMatch(
        new RegExp(`\\(${type}\\): (up|down|unknown)`),
      );
    }
    expect(text).toMatch(/^SOCKETS \(dogstatsd\): .*native package unix-dgram/m);
    expect(text).not.toMatch(/Cannot find|ERR_MODULE/);
  });

  it.each(['snappyCompress', 'lz4Compress'])('has Kafka’s %s within it', async (name) => {
    const parts = path.join(modules, 'sluice', 'dist', 'src', 'parts');
    const files = (await readdir(parts)).filter((part) => /^bundled-.*\.js$/.test(part));
    const script = path.join(dir, 'compresses.mjs');
    await writeFile(
      script,
      `for (const file of ${JSON.stringify(files)}) {
        const { ${name}: compress } = await import(${JSON.stringify(parts)} + '/' + file);
        console.log(compress?.(Buffer.alloc(1000)).length < 100);
      }`,
    );

    expect(await said(process.execPath, script)).toBe('true\n');
  });
});

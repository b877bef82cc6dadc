/** Whatever libraries, Node and bugs say: each line that a built process writes to standard error has the log's format. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch, scratchFolder, until } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';

const main = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));
const speaker = fileURLToPath(new URL('speak.mjs', import.meta.url));

let redis: RedisServer;
let started: { stop(): Promise<unknown> }[];
beforeEach(async () => {
  redis = await startRedis();
  started = [];
});
afterEach(async () => {
  for (const each of started) await each.stop();
  await redis.stop();
});

const value = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s"=]*)`;
const keyValueLine = new RegExp(
  `^time=${value} level=(?:error|warning|info|debug)(?: [^\\s"=]+=${value})*$`,
);

/** As a collector would: undefined where it is no line of this format. */
function parsed(line: string, format: string): unknown {
  if (format !== 'json') return keyValueLine.test(line) ? line : undefined;
  try {
    const { time, level, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
    return [time, level, message].every((each) => typeof each === 'string') ? fields : undefined;
  } catch {
    return undefined;
  }
}

const unreadable = (text: string, format: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && parsed(line, format) === undefined);

/** A process whose two streams are read apart. */
async function start(
  config: Readonly<Record<string, unknown>> | string,
  env: Readonly<Record<string, string>>,
) {
  const dir = await scratchFolder('lines');
  const conf = path.join(dir, 'pump.conf');
  await writeFile(conf, typeof config === 'string' ? config : JSON.stringify(config));
  const heard = { text: '' };
  const stdout = path.join(dir, 'stdout');
  const child = launch(
    'sh',
    ['-c', `exec "${process.execPath}" "${main}" --debug --conf "${conf}" >"${stdout}"`],
    {
      env: { PATH: process.env['PATH'], ...env },
      onOutput: (text) => {
        heard.text += text;
      },
    },
  );
  started.push({ stop: () => child.kill9() });
  return { child, heard, stdout };
}

const service = (): Readonly<Record<string, unknown>> => ({
  // Redis has no password, of which its library warns.
  analytics_storage_config: { host: redis.host, port: redis.port, password: 'needless' },
  purge_delay: 1,
  health_check_endpoint_port: 0,
  sluice: { workers: 2, lease: '2s', shutdown_timeout: '3s' },
  pumps: {
    out: { type: 'stdout', meta: { log_field_name: 'a name "with" spaces=' } },
    ...Object.fromEntries(
      Array.from({ length: 17 }, (_, index) => [
        `away ${index}`,
        { type: 'elasticsearch', meta: { elasticsearch_url: 'http://127.0.0.1:9', version: '8' } },
      ]),
    ),
  },
});

describe.each(['text', 'json', 'legacy'])('in format %s', (format) => {
  const env = { TYK_LOGFORMAT: format, NODE_OPTIONS: `--import=${speaker}`, DEBUG: 'ioredis:*' };

  it('everything that libraries and Node say is a line of the log', async () => {
    const { child, heard } = await start(service(), env);
    for (const said of [
      'main console.debug over',
      'main console.error over',
      'main stderr in one, in the other piece',
      'main stdout',
      'main a warning',
      'main a deprecation',
      'worker console.log over',
      'worker stderr in one, in the other piece',
      'worker stdout',
      'worker a deprecation',
      'wants no password',
    ])
      await until(`it says “${said}”`, () => heard.text.includes(said));
    process.kill(child.pid, 'SIGTERM');
    await until('it is gone', () => !child.isRunning());
    expect(unreadable(heard.text, format)).toEqual([]);
    expect(heard.text).not.toContain('MaxListenersExceededWarning');
  });

  it('so are a bug, and a configuration that is broken or no JSON', async () => {
    const bug = await start(service(), { ...env, SPEAK_THROW: 'yes' });
    const broken = await start('{"purge_delay": "soon", "nonsense": 1}', env);
    const torn = await start('{"purge_delay": ', env);
    const missing = await start('{}', { ...env, TYK_PMP_OMITCONFIGFILE: 'true' });
    for (const { child, heard } of [bug, broken, torn, missing]) {
      await until('it is gone', () => !child.isRunning());
      expect(unreadable(heard.text, format)).toEqual([]);
    }
    expect(bug.heard.text).toContain('Ended by a bug');
    expect(broken.heard.text).toContain('purge_delay');
  });
});

it('takes the format of a broken configuration from its file', async () => {
  const { child, heard } = await start('{"purge_delay": "soon", "log_format": "json"}', {});
  await until('it is gone', () => !child.isRunning());
  expect(unreadable(heard.text, 'json')).toEqual([]);
});

it('lets nobody but the pump write to standard output', async () => {
  const { child, heard, stdout } = await start(service(), {
    NODE_OPTIONS: `--import=${speaker}`,
  });
  await until('all have spoken', () => heard.text.includes('worker stdout'));
  process.kill(child.pid, 'SIGTERM');
  await until('it is gone', () => !child.isRunning());
  expect(await readFile(stdout, 'utf8')).toBe('');
});

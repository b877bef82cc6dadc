import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../../pumps/index.ts';
import { loadConfig } from '../../config/load.ts';
import { systemClock } from '../../lib/clock.ts';
import { aContext } from '../testing.ts';
import { config } from './config.ts';

const file = {
  purge_delay: 5,
  dont_purge_uptime_data: true,
  analytics_storage_config: { host: '127.0.0.1', port: 6379, password: 'opensesame' },
  pumps: { file: { meta: { path: '/var/log/records' }, fields: { rename: { api_id: 'theApi' } } } },
};

async function run(
  flags: {
    readonly said?: boolean;
    readonly json?: boolean;
    readonly diff?: boolean;
    readonly token?: string;
  } = {},
  text = JSON.stringify(file, undefined, 2),
  url = '',
) {
  const context = aContext({
    clock: systemClock,
    load: (path) =>
      loadConfig({
        path,
        env: { TYK_PMP_PURGECHUNK: '100' },
        readFile: () => Promise.resolve(text),
        types: pumpTypes,
      }),
  });
  const given = {
    ...{ help: false, conf: 'my.conf', said: false, diff: false, token: '', json: false },
    ...flags,
  };
  const code = await config({ kind: 'config', url, flags: given }, context, { findPump });
  return { code, out: context.out(), err: context.err() };
}

describe('sluice config', () => {
  it('has a line for each option, with its value and who said it', async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^OPTION +VALUE +FROM\n/);
    expect(out).toMatch(/^purge_delay +5 +my\.conf:2:3$/m);
    expect(out).toMatch(/^purge_chunk +100 +TYK_PMP_PURGECHUNK$/m);
    expect(out).toMatch(/^analytics_storage_config\.password +"\[secret\]" +my\.conf:7:5$/m);
    expect(out).toMatch(/^sluice\.lease +"30s" +default$/m);
    expect(out).toMatch(/^sluice\.workers +– +default$/m);
    expect(out).toMatch(/^pumps\.file\.meta\.path +"\/var\/log\/records" +my\.conf:12:9$/m);
  });

  it('leaves defaults out where asked to', async () => {
    const { out } = await run({ said: true });
    expect(out).not.toContain('default');
    expect(out.trim().split('\n')).toHaveLength(9);
  });

  it('prints one line of JSON, in which what the operator named stays as it is', async () => {
    const { code, out } = await run({ said: true, json: true });
    expect(code).toBe(0);
    expect(out.trim()).not.toContain('\n');
    const { config: values } = JSON.parse(out) as { config: readonly object[] };
    expect(values).toContainEqual({
      ...{ key: 'purge_chunk', value: 100, secret: false },
      ...{ from: 'variable', variable: 'TYK_PMP_PURGECHUNK' },
    });
    expect(values).toContainEqual({
      ...{ key: 'pumps.file.fields.rename', value: { api_id: 'theApi' }, secret: false },
      ...{ from: 'file', file: 'my.conf', line: 15, column: 9 },
    });
    expect(out).not.toContain('opensesame');
  });

  it('says what is wrong instead, of the service and of a pump', async () => {
    const wrong = { ...file, purge_delay: 'soon' };
    expect(await run({}, JSON.stringify(wrong))).toEqual({
      ...{ code: 1, out: '' },
      err: 'error: my.conf: purge_delay: found text, expected an integer of at least 0\n',
    });
    const { code, err } = await run({}, JSON.stringify({ ...file, pumps: { file: {} } }));
    expect(code).toBe(1);
    expect(err).toContain('pumps.file.meta.path: found nothing');
  });
});

describe('sluice config --diff', () => {
  const asked: (string | undefined)[] = [];
  let answer: { readonly status: number; readonly body: string };
  let server: Server;
  let url: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url, request.headers.authorization);
      response.statusCode = answer.status;
      response.end(answer.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`;
  });
  afterAll(() => server.close());
  beforeEach(async () => {
    asked.length = 0;
    answer = { status: 200, body: (await run({ json: true })).out };
  });

  it('says that a running instance has the same', async () => {
    expect(await run({ diff: true, token: 'a-long-token' }, undefined, url)).toEqual({
      ...{ code: 0, err: '' },
      out: 'The running instance has this configuration. Secrets are not compared.\n',
    });
    expect(asked).toEqual(['/api/v1/configuration', 'Bearer a-long-token']);
  });

  it('names what is otherwise, and sends nobody else the credentials of the file', async () => {
    const changed = JSON.stringify({
      ...{ ...file, purge_delay: 7 },
      sluice: { admin: { viewer_token: 'the-token-of-this-file' } },
      pumps: { stdout: {} },
    });
    const { code, out } = await run({ diff: true }, changed, url);
    expect(code).toBe(1);
    expect(out).toMatch(/^OPTION +RUNNING +FILE\n/);
    expect(out).toMatch(/^purge_delay +5 +7$/m);
    expect(out).toMatch(/^pumps\.file\.meta\.path +"\/var\/log\/records" +–$/m);
    expect(out).toMatch(/^pumps\.stdout\.timeout +– +0$/m);
    expect(asked).toEqual(['/api/v1/configuration', undefined]);
    const json = JSON.parse((await run({ diff: true, json: true }, changed, url)).out) as object;
    expect(json).toHaveProperty('differences.0', { key: 'purge_delay', file: 7, running: 5 });
  });

  it('asks the service of this machine with the credentials of the file', async () => {
    const own = JSON.stringify({
      ...file,
      health_check_endpoint_port: Number(new URL(url).port),
      sluice: { admin: { viewer_token: 'the-token-of-this-file' } },
    });
    expect((await run({ diff: true }, own)).out).toMatch(
      /^health_check_endpoint_port +8083 +\d+$/m,
    );
    expect(asked).toEqual(['/api/v1/configuration', 'Bearer the-token-of-this-file']);
  });

  it.each([
    [{ status: 401, body: '' }, 'needs --token (401)'],
    [{ status: 404, body: '' }, 'answers 404'],
    [{ status: 200, body: '[]' }, 'answers with no configuration'],
    [{ status: 200, body: '<html>' }, 'not valid JSON'],
  ])('says what it got instead: %j', async (given, expected) => {
    answer = given;
    const { code, out, err } = await run({ diff: true }, undefined, url);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`sluice: error: ${url}: `);
    expect(err).toContain(expected);
  });

  it('refuses what is no address', async () => {
    expect((await run({ diff: true }, undefined, 'file:///etc')).err).toContain('is no address');
  });
});

import { get } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { explain, StartError } from '../lib/errors.ts';
import { FakeClock } from '../lib/fake-clock.testing.ts';
import { type Log, type LogFields, silentLog } from '../lib/log.ts';
import { type AdminServer, type AdminServerOptions, startAdminServer } from './admin-server.ts';
import type { Readiness } from './readiness.ts';

const up: Readiness = {
  ready: true,
  mode: 'at-least-once',
  redis: { state: 'up' },
  claiming: { state: 'up' },
  routes: [{ route: 'CSV', pump: 'csv', health: { state: 'up' } }],
};

const servers: AdminServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Partial<AdminServerOptions> = {}): Promise<AdminServer> {
  const server = await startAdminServer({
    address: '127.0.0.1',
    port: 0,
    healthName: 'health',
    metrics: { exposition: () => Promise.resolve({ contentType: 'text/plain', body: 'up 1\n' }) },
    readiness: () => up,
    clock: new FakeClock(),
    log: silentLog,
    mask: (text) => text.replaceAll('hunter2', '[secret]'),
    ...options,
  });
  servers.push(server);
  return server;
}

async function ask(server: AdminServer, path: string, method = 'GET') {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
  const { status, headers } = response;
  return { status, type: headers.get('content-type'), body: await response.text() };
}

const ok = { status: 200, type: 'application/json', body: '{"status": "ok"}' };

describe('the health page', () => {
  it('is where the contract says, byte for byte', async () => {
    expect(await ask(await start(), '/health')).toEqual(ok);
  });

  it('takes the name the operator gives, with or without a slash', async () => {
    const server = await start({ healthName: '/alive' });
    expect(await ask(server, '/alive?probe=1')).toEqual(ok);
    expect((await ask(server, '/health')).status).toBe(404);
  });

  it('wins over a page of ours with the same name', async () => {
    expect(await ask(await start({ healthName: 'ready' }), '/ready')).toEqual(ok);
  });

  it('answers a HEAD like a GET, without the body', async () => {
    const server = await start();
    const answer = await fetch(`http://127.0.0.1:${server.port}/health`, { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('content-length')).toBe(String(ok.body.length));
    expect(await answer.text()).toBe('');
  });

  it.each(['POST', 'DELETE'])('refuses %s', async (method) => {
    expect((await ask(await start(), '/health', method)).status).toBe(405);
  });

  it('does not exist under other paths', async () => {
    const server = await start();
    const statuses = ['/', '/hello', '/health/', '//health'].map(
      async (path) => (await ask(server, path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 404, 404, 404]);
  });
});

it('tells browsers of every answer that it is no page of markup, and belongs in no other page', async () => {
  const server = await start();
  server.mount('/pump', (_, response) => response.end('up{path="<script>"} 1'));
  for (const path of ['/health', '/ready', '/metrics', '/pump', '/nothing']) {
    const { headers } = await fetch(`http://127.0.0.1:${server.port}${path}`);
    expect([path, Object.fromEntries(headers)]).toMatchObject([
      path,
      {
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      },
    ]);
  }
});

describe('the address', () => {
  const start6 = async (address: string) => {
    const server = await start({ address }).catch((error: unknown) => error);
    // A machine without IPv6 says that it has no such address, which is not that it is no address.
    if (server instanceof StartError) return explain(server);
    return (await fetch(`http://[::1]:${(server as AdminServer).port}/health`)).status;
  };

  it.each(['::1', '[::1]'])('may be %s', async (address) => {
    expect([200, expect.stringMatching(/EADDRNOTAVAIL|EAFNOSUPPORT/)]).toContainEqual(
      await start6(address),
    );
  });

  it('is shown as it is written elsewhere', async () => {
    await expect(start({ address: '2001:db8::1', port: 1 })).rejects.toThrow(
      'cannot listen on [2001:db8::1]:1',
    );
  });
});

describe('the other pages', () => {
  it('say that the process lives', async () => {
    expect(await ask(await start(), '/live')).toEqual(ok);
  });

  it('say that it is ready, and how each route is', async () => {
    const answer = await ask(await start(), '/ready');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([200, up]);
  });

  it('say that it is not ready, and why', async () => {
    const down: Readiness = { ...up, ready: false, redis: { state: 'down', reason: 'refused' } };
    const answer = await ask(await start({ readiness: () => Promise.resolve(down) }), '/ready');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([503, down]);
  });

  it('are not ready where the question fails', async () => {
    const readiness = () => Promise.reject(new Error('no idea'));
    expect(await ask(await start({ readiness }), '/ready')).toEqual({
      status: 503,
      type: 'application/json',
      body: '{"ready":false,"reason":"no idea"}',
    });
  });

  it('mask what a server repeats of a secret, and no word of ours', async () => {
    const down = { state: 'down', reason: 'said hunter2 and http://u:p/w@h' } as const;
    const routes = [{ route: 'hunter2', pump: 'csv', health: down, degraded: 'hunter2' }];
    const state = (await ask(await start({ readiness: () => ({ ...up, routes }) }), '/ready')).body;
    const reason = 'said [secret] and http://u:[secret]@h';
    expect(JSON.parse(state)).toMatchObject({
      routes: [{ route: 'hunter2', health: { state: 'down', reason }, degraded: '[secret]' }],
    });
    const readiness = () => Promise.reject(new Error('it was hunter2'));
    expect((await ask(await start({ readiness }), '/ready')).body).toContain('it was [secret]');
  });

  it('mask secrets in the labels of metrics, and in no name', async () => {
    const body = '# HELP hunter2 A.\nhunter2_total{a="x hunter2",b="\\"hunter2"} 1\n';
    const exposition = () => Promise.resolve({ contentType: 'text/plain', body });
    expect((await ask(await start({ metrics: { exposition } }), '/metrics')).body).toBe(
      '# HELP hunter2 A.\nhunter2_total{a="x [secret]",b="\\"[secret]"} 1\n',
    );
  });

  it('are not ready where there is no answer in time', async () => {
    const clock = new FakeClock();
    const server = await start({ clock, readiness: () => new Promise(() => undefined) });
    const asked = ask(server, '/ready');
    const answered = asked.then(() => true);
    while (!(await Promise.race([answered, clock.advance(5_000).then(() => false)])));

    expect(await asked).toMatchObject({
      status: 503,
      body: '{"ready":false,"reason":"no answer within 5 s"}',
    });
  });

  it.each(['/ready', '/metrics'])('ask once for all who ask for %s meanwhile', async (path) => {
    let questions = 0;
    let answer: () => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const counted = async <T>(value: T): Promise<T> => {
      questions += 1;
      await asked;
      return value;
    };
    const server = await start({
      readiness: () => counted(up),
      metrics: { exposition: () => counted({ contentType: 'text/plain', body: 'up 1\n' }) },
    });
    const askers = Array.from({ length: 100 }, () => ask(server, path));
    // Somebody who came first has an answer of another page by now, so all of the others have arrived.
    await ask(server, '/live');
    await Promise.all(Array.from({ length: 100 }, () => ask(server, '/live')));
    answer();

    expect(new Set((await Promise.all(askers)).map(({ status }) => status))).toEqual(
      new Set([200]),
    );
    expect(questions).toBe(1);
    await ask(server, path);
    expect(questions).toBe(2);
  });

  it('show the metrics', async () => {
    expect(await ask(await start(), '/metrics')).toEqual({
      status: 200,
      type: 'text/plain',
      body: 'up 1\n',
    });
  });
});

describe('the server', () => {
  it('says where it serves, in the words operators look for', async () => {
    const lines: string[] = [];
    const info = (_: LogFields, message: string) => lines.push(message);
    const log: Log = { ...silentLog, info };
    const { port } = await start({ log });
    expect(lines).toEqual([`Serving health check endpoint at http://localhost:${port}/health ...`]);
  });

  it('cannot start on a port in use, and says which', async () => {
    const { port } = await start();
    const second = start({ port });
    await expect(second).rejects.toBeInstanceOf(StartError);
    await expect(second).rejects.toThrow(`127.0.0.1:${port}`);
  });

  it('does not wait for a client that keeps its connection', async () => {
    const server = await start();
    const asked = new Promise<void>((resolve) => {
      get({ port: server.port, host: '127.0.0.1', path: '/live', agent: false }, (response) => {
        response.resume().once('end', resolve);
      }).on('error', () => resolve());
    });
    await asked;
    await expect(server.close()).resolves.toBeUndefined();
  });
});

describe('a page of a pump', () => {
  it('is served until it is taken away', async () => {
    const server = await start();
    const unmount = server.mount('/pump', (_, response) => response.end('counted 1\n'));

    const mounted = await ask(server, '/pump?x=1');
    unmount();

    expect(mounted.body).toBe('counted 1\n');
    expect((await ask(server, '/pump')).status).toBe(404);
  });

  it.each(['/metrics', '/health', '/pump'])('takes no path that is taken: %s', async (path) => {
    const server = await start();
    server.mount('/pump', (_, response) => response.end());

    expect(() => server.mount(path, (_, response) => response.end())).toThrow(
      `already has a page at ${path}`,
    );
  });
});

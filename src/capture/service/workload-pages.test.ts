import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { systemClock } from '../../lib/clock.ts';
import { CountingMetrics } from '../../lib/metrics.testing.ts';
import type { ShownWorkload, Workloads } from '../workloads.ts';
import { WorkloadPages } from './workload-pages.ts';

const nginx: ShownWorkload = {
  ...{ id: '7-100', pid: 7, name: 'nginx', program: '/usr/sbin/nginx', container: undefined },
  ...{ state: 'off', reason: 'it was switched off', chosenBy: 'switch', since: 1_796_000_000_000 },
  more: { unseen_bytes: 3 },
};

/** Knows one workload, and refuses to watch another. */
class Sourced implements Workloads {
  readonly health = { loader: 'up', lost: { ring: 0 } };
  readonly turned: (readonly [string, boolean])[] = [];
  readonly list = [nginx];

  turn(id: string, isOn: boolean) {
    this.turned.push([id, isOn]);
    if (id === '9-1') return Promise.resolve({ kind: 'refused', reason: 'it may not' } as const);
    if (id === '8-8') return Promise.reject(new Error('the loader is not there'));
    if (id !== nginx.id) return Promise.resolve({ kind: 'unknown' } as const);
    const workload: ShownWorkload = { ...nginx, state: isOn ? 'watched' : 'off' };
    return Promise.resolve({ kind: 'done', workload } as const);
  }
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function served() {
  const [source, log, metrics] = [new Sourced(), memoryLog(), new CountingMetrics()];
  const pages = new WorkloadPages({
    ...{ life: 'me-1', clock: systemClock, log, metrics, mask: (text: string) => text },
    sources: () => [{ name: 'ebpf', workloads: source }],
  });
  const server = createServer((request, response) => void pages.serve(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/workloads`;
  const json = { 'content-type': 'application/json' };
  const post = (id: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${url}/${id}`, {
      ...{ method: 'POST', body: JSON.stringify(body), headers: { ...json, ...headers } },
    });
  return { source, log, metrics, url, post };
}

it('shows what each source says of its programs, with null for what is not known', async () => {
  const { url } = await served();
  const answer = await fetch(url);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await answer.json()).toEqual({
    instance: 'me-1',
    sources: [
      {
        ...{ name: 'ebpf', health: { loader: 'up', lost: { ring: 0 } } },
        workloads: [
          {
            ...{ id: '7-100', pid: 7, name: 'nginx', program: '/usr/sbin/nginx', container: null },
            ...{ state: 'off', reason: 'it was switched off', chosen_by: 'switch' },
            ...{ since: '2026-11-30T00:53:20.000Z', unseen_bytes: 3 },
          },
        ],
      },
    ],
  });
});

it('switches one, and says in the log who did', async () => {
  const { post, source, log } = await served();
  const answer = await post('7-100', { watch: true });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ id: '7-100', state: 'watched' });
  expect(source.turned).toEqual([['7-100', true]]);
  expect(log.lines.at(-1)).toMatchObject({
    message: 'An operator has switched a workload.',
    fields: { user: 'loopback', workload: '7-100', watch: true, refused: false },
  });
});

it.each([
  ['one that there is not', '1-1', { watch: true }, {}, 404, /no such workload/],
  ['a source that there is not', '7-100', { watch: true, source: 'x' }, {}, 404, /no source of/],
  ['one that may not be watched', '9-1', { watch: true }, {}, 409, /it may not/],
  ['a body without a wish', '7-100', {}, {}, 400, /watch/],
  ['a misspelt member', '7-100', { watch: true, sorce: 'ebpf' }, {}, 400, /sorce/],
  ['a form', '7-100', { watch: true }, { 'content-type': 'text/plain' }, 415, /JSON/],
  [
    'a page of elsewhere',
    '7-100',
    { watch: true },
    { origin: 'http://evil.example' },
    403,
    /origin/,
  ],
  [
    'a proxy’s client',
    '7-100',
    { watch: true },
    { 'x-forwarded-for': '10.0.0.1' },
    403,
    /only this/,
  ],
  ['what the loader cannot do now', '8-8', { watch: true }, {}, 503, /loader is not there/],
] as const)('refuses %s', async (_what, id, body, headers, status, detail) => {
  const { post, source } = await served();
  const answer = await post(id, body, headers);
  expect(answer.status).toBe(status);
  expect(((await answer.json()) as { detail: string }).detail).toMatch(detail);
  expect(source.turned.some(([turned]) => turned === '7-100')).toBe(false);
});

it('takes a POST for one alone, and a GET for the list alone', async () => {
  const { url, metrics } = await served();
  const posted = await fetch(url, { method: 'POST' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  const got = await fetch(`${url}/7-100`);
  expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
  await fetch(url, { headers: { via: '1.1 proxy' } });
  expect(metrics.of('sluice_api_refusals_total', 'forbidden')).toBe(1);
});

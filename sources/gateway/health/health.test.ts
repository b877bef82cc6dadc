/** Health of real upstreams behind a real gateway. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Exchange, systemClock } from '#source';
import { nothingWaits } from '../../../src/capture/exchange.testing.ts';
import { CountingMetrics } from '../../../src/lib/metrics.testing.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import gateway from '../index.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** An upstream with a state that a test changes. */
class Origin {
  /** Of answers to calls, and of those to checks. */
  status = 200;
  health = 200;
  calls = 0;
  checks = 0;
  readonly #server: Server = createServer((request, response) => {
    const isCheck = request.url === '/health';
    if (isCheck) this.checks += 1;
    else this.calls += 1;
    response.writeHead(isCheck ? this.health : this.status).end();
  });

  async start(port = 0): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

async function anOrigin() {
  const origin = new Origin();
  const port = await origin.start();
  ends.push(() => origin.stop());
  return { origin, port, url: `http://127.0.0.1:${port}` };
}

const often = { path: '/health', interval: '100ms', unhealthy_after: 2, healthy_after: 2 };

async function start(raw: object) {
  const log = memoryLog();
  const metrics = new CountingMetrics();
  const exchanges: Exchange[] = [];
  const { source: prepared, problems } = gateway.prepare({
    ...{ raw: { listen: '127.0.0.1:0', watch: false, ...raw }, source: 'test', at: '' },
    ...{ env: {}, layers: [], unresolved: new Map(), allowed: [] },
  });
  if (prepared === undefined) throw new Error(JSON.stringify(problems));
  const source = await prepared.start({
    writing: nothingWaits,
    ...{ name: 'gateway', log, metrics, clock: systemClock, bodyLimit: 0, isRecording: true },
    ...{ redis: undefined, record: (exchange: Exchange) => void exchanges.push(exchange) },
  });
  ends.push(() => source.stop(AbortSignal.timeout(1000)));
  const url = source.listensAt[0] ?? '';
  const ask = async (times: number) => {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++) statuses.push((await fetch(`${url}/x`)).status);
    return statuses;
  };
  return { source, ask, log, metrics };
}

const states = (metrics: CountingMetrics) =>
  ['healthy', 'unhealthy'].map((state) =>
    metrics.gauges.get(`sluice_capture_health_checked_upstreams gateway ${state}`),
  );

describe('checks of upstreams', () => {
  it('take one out of service that fails them, and let it come back', async () => {
    const [one, two] = [await anOrigin(), await anOrigin()];
    const { ask, metrics, log } = await start({ targets: [one.url, two.url], health: often });
    expect(await ask(4)).toEqual([200, 200, 200, 200]);
    expect([one.origin.calls, two.origin.calls]).toEqual([2, 2]);

    one.origin.health = 503;
    await expect.poll(() => states(metrics), { timeout: 5000 }).toEqual([1, 1]);
    await ask(4);
    expect([one.origin.calls, two.origin.calls]).toEqual([2, 6]);
    expect(log.text()).toMatch(/An upstream is unhealthy: its checks fail/);
    expect(log.lines.find(({ level }) => level === 'warn')?.fields).toEqual({
      ...{ api: 'default', upstream: `127.0.0.1:${one.port}`, reason: 'it answered with 503' },
    });

    one.origin.health = 204;
    await expect.poll(() => states(metrics), { timeout: 5000 }).toEqual([2, 0]);
    await ask(4);
    expect([one.origin.calls, two.origin.calls]).toEqual([4, 8]);
    expect(metrics.of('sluice_capture_health_checks_total', 'gateway', 'failed')).toBeGreaterThan(
      1,
    );
  });

  it('do not take the last one out: calls go on, and it is told', async () => {
    const [one, two] = [await anOrigin(), await anOrigin()];
    const { ask, metrics, log } = await start({ targets: [one.url, two.url], health: often });
    one.origin.health = 500;
    two.origin.health = 500;
    await expect.poll(() => states(metrics), { timeout: 5000 }).toEqual([0, 2]);
    expect(await ask(4)).toEqual([200, 200, 200, 200]);
    expect([one.origin.calls, two.origin.calls]).toEqual([2, 2]);
    expect(metrics.of('sluice_capture_unhealthy_calls_total', 'gateway')).toBe(4);
    expect(log.text()).toMatch(/All upstreams of an API are unhealthy/);
  });

  it('go on over a reload, with what they know', async () => {
    const [one, two] = [await anOrigin(), await anOrigin()];
    const { source, ask, metrics } = await start({ targets: [one.url, two.url], health: often });
    one.origin.health = 500;
    await expect.poll(() => states(metrics), { timeout: 5000 }).toEqual([1, 1]);
    await source.reload?.();
    const before = one.origin.checks;
    expect(states(metrics)).toEqual([1, 1]);
    await ask(2);
    expect(one.origin.calls).toBe(0);
    await expect.poll(() => one.origin.checks, { timeout: 5000 }).toBeGreaterThan(before + 1);
  });

  it('end with the gateway', async () => {
    const one = await anOrigin();
    const { source } = await start({ target: one.url, health: often });
    await expect.poll(() => one.origin.checks, { timeout: 5000 }).toBeGreaterThan(0);
    await source.stop(AbortSignal.timeout(1000));
    const { checks } = one.origin;
    await new Promise((resolve) => {
      setTimeout(resolve, 300);
    });
    expect(one.origin.checks).toBe(checks);
  });

  it.each([
    [{ health: { expect: 'fine' } }, 'health.expect'],
    [{ health: { path: 'health' } }, 'health.path'],
    [{ health: { interval: '1ms' } }, 'health.interval'],
    [{ targets: ['http://b'] }, 'targets'],
    [{ routes: [{ path: '/x', target: 'http://b', health_path: 'x' }] }, 'routes[0].health_path'],
    [{ routes: [{ path: '/x', targets: ['http://b', 'ftp://c'] }] }, 'routes[0].targets[1]'],
  ])('are refused where they are wrong: %j', async (raw, key) => {
    await expect(start({ target: 'http://a', ...raw })).rejects.toThrow(
      JSON.stringify(key).slice(1, -1),
    );
  });
});

describe('calls that fail', () => {
  it('take one of several out of service for a while', async () => {
    const [one, two] = [await anOrigin(), await anOrigin()];
    const { ask, metrics, log } = await start({
      ...{ targets: [one.url, two.url], outlier: { server_errors: 2, time: '300ms' } },
    });
    one.origin.status = 500;
    expect((await ask(8)).filter((status) => status === 500)).toHaveLength(2);
    expect(metrics.of('sluice_capture_ejections_total', 'gateway')).toBe(1);
    expect(log.text()).toMatch(/An upstream is passed over for a while: calls of it have failed/);
    one.origin.status = 200;
    const { calls } = one.origin;
    await expect
      .poll(
        async () => {
          await ask(2);
          return one.origin.calls;
        },
        { timeout: 5000 },
      )
      .toBeGreaterThan(calls);
  });

  it('where nobody listens are as few as it takes to know', async () => {
    const [one, two] = [await anOrigin(), await anOrigin()];
    const { ask } = await start({
      ...{ targets: [one.url, two.url], outlier: { gateway_errors: 1, time: '1m' } },
    });
    await one.origin.stop();
    expect((await ask(10)).filter((status) => status !== 200)).toEqual([502]);
    expect(two.origin.calls).toBe(9);
  });

  it('take nobody out where there is only one', async () => {
    const one = await anOrigin();
    const { ask } = await start({ target: one.url, outlier: { server_errors: 1 } });
    one.origin.status = 500;
    await ask(3);
    one.origin.status = 200;
    expect(await ask(1)).toEqual([200]);
  });
});

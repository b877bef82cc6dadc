/** What probes and scrapers get while a sink, a client or Redis does not answer. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { until, whyUnavailable } from '../services/process.ts';
import { needRedis, startRedis } from '../services/redis.ts';
import { stoppedAfterEach } from './ends.ts';
import { metric, type PumpProcess, startPump } from './pump.ts';
import { pushRecords } from './records.ts';

const unavailable = await whyUnavailable(needRedis);
const csv = { type: 'csv', meta: { csv_dir: '{dir}' } };

interface Page {
  readonly status: number;
  readonly body: {
    readonly ready: boolean;
    readonly reason?: string;
    readonly routes: readonly { readonly route: string; readonly health: object }[];
  };
}

async function readyPage({ healthPort }: PumpProcess): Promise<Page> {
  const response = await fetch(`http://127.0.0.1:${healthPort}/ready`);
  return { status: response.status, body: (await response.json()) as Page['body'] };
}

const isReady = async (pump: PumpProcess): Promise<boolean> =>
  (await readyPage(pump).catch(() => undefined))?.body.ready === true;

const healthOf = ({ body }: Page, route: string): object | undefined =>
  body.routes.find((each) => each.route === route)?.health;

describe.skipIf(unavailable !== undefined)('the pages of a pump', () => {
  const use = stoppedAfterEach();

  /** Accepts and never says a word. */
  async function silentServer() {
    const sockets = new Set<Socket>();
    let accepted = 0;
    const server = createServer((socket) => {
      accepted += 1;
      sockets.add(socket.on('error', () => undefined));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const stop = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    };
    return use({ port, stop, accepted: () => accepted });
  }

  it.each([1, 2])(
    'name a sink that does not answer, to any number of askers, %s workers',
    async (workers) => {
      const redis = use(await startRedis());
      const silent = await silentServer();
      const meta = { collector_url: `http://127.0.0.1:${silent.port}`, collector_token: 'token' };
      const pump = use(
        await startPump({
          redis,
          pumps: { csv, silent: { type: 'splunk', meta } },
          own: { workers },
        }),
      );
      await until('it is ready', () => isReady(pump));
      await until('the silence is noticed', async () => {
        const health = healthOf(await readyPage(pump), 'SILENT');
        return JSON.stringify(health ?? '').includes('no answer within 3 s');
      });
      const before = silent.accepted();
      const pages = await Promise.all(Array.from({ length: 300 }, () => readyPage(pump)));

      for (const page of pages) {
        expect(page.status).toBe(200);
        expect(healthOf(page, 'CSV')).toEqual({ state: 'up' });
        expect(healthOf(page, 'SILENT')).toEqual({ state: 'down', reason: 'no answer within 3 s' });
      }
      expect(silent.accepted() - before).toBeLessThanOrEqual(3);
    },
  );

  it('name the sink and the reason where it is the only one', async () => {
    const redis = use(await startRedis());
    const silent = await silentServer();
    const meta = { elasticsearch_url: `http://127.0.0.1:${silent.port}` };
    const pump = use(await startPump({ redis, pumps: { es: { type: 'elasticsearch', meta } } }));
    await until(
      'Redis is there',
      async () =>
        (await readyPage(pump).catch(() => undefined))?.body.reason?.startsWith('no pump') === true,
    );

    const { status, body } = await readyPage(pump);
    expect(status).toBe(503);
    expect(body.reason).toMatch(
      /^no pump can deliver \(ES: the sink is being opened and has not answered for \d+ s\)$/,
    );
  });

  it('are there while Redis accepts and never answers, and name the pumps', async () => {
    const redis = await silentServer();
    const pump = use(
      await startPump({ redis: { host: '127.0.0.1', port: redis.port }, pumps: { csv } }),
    );
    const at = (path: string) => fetch(`http://127.0.0.1:${pump.healthPort}${path}`);
    await until('it listens', async () => (await at('/live').catch(() => undefined)) !== undefined);

    const page = await readyPage(pump);
    expect([page.status, page.body.ready]).toEqual([503, false]);
    expect(page.body.reason).toContain('CSV: ');
    expect(healthOf(page, 'CSV')).toMatchObject({ state: 'down' });
    for (const path of ['/health', '/live', '/metrics']) expect((await at(path)).status).toBe(200);
  });

  it('agree with log and metric about sinks nobody has used yet', async () => {
    const redis = use(await startRedis());
    const pumps = {
      csv,
      // A file where the folder should be.
      folder: { type: 'csv', meta: { csv_dir: '{dir}/pump.json' } },
      kafka: { type: 'kafka', meta: { broker: ['127.0.0.1:1'], topic: 'records' } },
      statsd: { type: 'statsd', meta: { address: 'tcp://127.0.0.1:1' } },
      syslog: { type: 'syslog', meta: { transport: 'tcp', network_addr: '127.0.0.1:1' } },
      udp: { type: 'syslog', meta: { transport: 'udp', network_addr: '127.0.0.1:1' } },
      splunk: {
        type: 'splunk',
        meta: { collector_url: 'http://127.0.0.1:1', collector_token: 't' },
      },
    };
    const pump = use(await startPump({ redis, pumps }));
    const said = ({ message, name }: { message: string; name: string }): boolean =>
      pump
        .output()
        .split('\n')
        .some((line) => line.includes(message) && line.includes(`route=${name}`));
    const down = ['FOLDER', 'KAFKA', 'STATSD', 'SYSLOG', 'SPLUNK'];
    const lines = [
      { message: 'The sink is ready.', name: 'CSV' },
      { message: 'The sink cannot tell whether it is ready.', name: 'UDP' },
      ...down.map((name) => ({ message: 'The sink is not ready', name })),
    ];
    await until('all is said', () => lines.every(said));

    const { routes } = (await readyPage(pump)).body;
    expect(routes.map(({ route, health }) => [route, health])).toEqual(
      expect.arrayContaining([
        ['CSV', { state: 'up' }],
        ['UDP', expect.objectContaining({ state: 'unknown' })],
        ...down.map((route): unknown[] => [route, expect.objectContaining({ state: 'down' })]),
      ]),
    );
    for (const { message, name } of lines)
      expect([name, await metric(pump, 'sluice_route_up', { route: name })]).toEqual([
        name,
        message.includes('not ready') ? 0 : 1,
      ]);
    expect(pump.output()).not.toContain('is open');
  });

  it('claim nothing of a pipe before its first record, and then what became of that', async () => {
    const redis = use(await startRedis());
    const out = { type: 'stdout', meta: { format: 'json' } };
    const pump = use(await startPump({ redis, pumps: { out }, reader: 'true' }));
    await until('it is ready', () => isReady(pump));
    expect(healthOf(await readyPage(pump), 'OUT')).toMatchObject({ state: 'unknown' });

    await pushRecords(redis, 1);
    await until(
      'it is down',
      async () => (await readyPage(pump)).body.reason?.includes('EPIPE') === true,
    );
  });

  it('let go of clients that send half a request, and answer others meanwhile', async () => {
    const redis = use(await startRedis());
    const counted = {
      type: 'prometheus',
      meta: { listen_address: '127.0.0.1:0', path: '/counted' },
    };
    const pump = use(await startPump({ redis, pumps: { csv, counted } }));
    await until('it is ready', () => isReady(pump));
    const pagePort = Number(/port=(\d+)/.exec(pump.output())?.[1]);
    const closed = [pump.healthPort, pagePort].flatMap((port) =>
      Array.from({ length: 100 }, () => {
        const client = connect(port, '127.0.0.1', () => client.write('GET /ready HTTP/1.1\r\nx-'));
        return once(client.on('error', () => undefined).resume(), 'close');
      }),
    );
    const pages = ['/ready', '/metrics', '/health', '/live'];
    for (const path of pages)
      expect((await fetch(`http://127.0.0.1:${pump.healthPort}${path}`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${pagePort}/counted`)).status).toBe(200);
    await Promise.all(closed);
  });
});

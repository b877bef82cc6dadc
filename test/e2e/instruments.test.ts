import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort, until, whyUnavailable } from '../services/process.ts';
import { type RedisServer, startRedis } from '../services/redis.ts';
import { needStatsd, type StatsdServer, startStatsd } from '../services/statsd.ts';
import { compare, inCsv } from './arrived.ts';
import { type PumpProcess, startPump, untilDrained } from './pump.ts';
import { pushRecords } from './records.ts';

const obstacle = await whyUnavailable(needStatsd);
const csv = { csv: { type: 'csv', meta: { csv_dir: '{dir}/out' } } };
const stdout = { stdout: { type: 'stdout', meta: { format: 'json' } } };

describe('a process that tells StatsD of itself', () => {
  let redis: RedisServer;
  let pumps: PumpProcess[];

  beforeEach(async () => {
    redis = await startRedis();
    pumps = [];
  });
  afterEach(async () => {
    for (const pump of pumps) await pump.stop();
    await redis.stop();
  });

  async function start(address: string, more: object = {}): Promise<PumpProcess> {
    const pump = await startPump({
      redis,
      pumps: csv,
      env: {
        TYK_INSTRUMENTATION: '1',
        TYK_PMP_STATSDCONNECTIONSTRING: address,
        TYK_PMP_STATSDPREFIX: 'tyk',
      },
      ...more,
    });
    pumps.push(pump);
    return pump;
  }

  describe.skipIf(obstacle !== undefined)('and a real daemon', () => {
    let statsd: StatsdServer;
    beforeAll(async () => {
      statsd = await startStatsd('udp');
    });
    afterAll(() => statsd.stop());

    it('counts each record once, whatever the number of pumps, and times the pumps', async () => {
      const { good } = await pushRecords(redis, 3000);
      const pump = await start(`127.0.0.1:${statsd.port}`, { pumps: { ...csv, ...stdout } });
      await untilDrained(redis);
      await until('the daemon has heard all', async () => {
        const [counters, gauges] = [await statsd.counters(), await statsd.gauges()];
        return counters.get('tyk.record') === 3000 && gauges.has('tyk.pauses_quantile_max');
      });
      await pump.stop();

      const [counters, gauges] = [await statsd.counters(), await statsd.gauges()];
      const timers = await statsd.timers();
      expect(counters.get('tyk.PumpRecordsPurge.record')).toBe(3000);
      // This daemon leaves the `$` of a name out.
      for (const name of ['purge_time_all', 'purge_time_CSVPump', 'purge_time_StdoutPump']) {
        expect(timers.get(`tyk.${name}`)?.length).toBeGreaterThan(0);
        expect(timers.get(`tyk.PumpRecordsPurge.${name}`)).toEqual(timers.get(`tyk.${name}`));
      }
      expect(gauges.get('tyk.pauses_quantile_max')).toBeGreaterThan(0);
      expect(gauges.get('tyk.GCActivity.pauses_quantile_max')).toBe(
        gauges.get('tyk.pauses_quantile_max'),
      );
      expect(await statsd.badLines()).toBe(0);
      expect(compare(good, await inCsv([`${pump.dir}/out`]))).toMatchObject({ lost: 0 });
    });
  });

  it('hears of pumps in worker threads, too', async () => {
    const daemon = await aDaemon();
    await pushRecords(redis, 500);
    // One that may run in a worker; nobody answers at its address.
    const influx = {
      type: 'influx2',
      meta: { address: 'http://127.0.0.1:1', bucket: 'b', organization: 'o', token: 't' },
    };
    const pump = await start(`127.0.0.1:${daemon.port}`, {
      pumps: { dummy: { type: 'dummy' }, influx },
      own: { workers: 3 },
    });
    await until('the pump has answered', () =>
      daemon.lines.some((line) => line.startsWith('tyk.purge_time_Dummy$Pump:')),
    );
    await pump.stop();
    daemon.close();

    expect(pump.output()).toContain('Worker threads read and deliver.');
    for (const line of daemon.lines)
      expect(line).toMatch(
        /^tyk\.((PumpRecordsPurge\.)?(record:\d+\|c|purge_time_(all|Dummy\$Pump):(\d\.\d\d|\d{2,})\|ms)|(GCActivity\.)?pauses_quantile_(min|25|50|75|max):(\d+\.\d\d|0)\|g)$/,
      );
  });

  it('delivers as before where nobody listens, and says so', async () => {
    const { good } = await pushRecords(redis, 1000);
    const pump = await start(`127.0.0.1:${await freePort()}`);
    await untilDrained(redis);
    await until('it is said', () =>
      pump.output().includes('The StatsD daemon does not take metrics'),
    );
    await pump.stop();

    expect(pump.exit()).toMatchObject({ code: 0 });
    expect(compare(good, await inCsv([`${pump.dir}/out`]))).toEqual({
      ...{ lost: 0, invented: 0 },
      duplicated: 0,
    });
  });
});

it('the real daemon is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** A port of our own in the place of the daemon. */
async function aDaemon() {
  const socket: Socket = createSocket('udp4');
  const lines: string[] = [];
  socket.on('message', (packet) => lines.push(...packet.toString().split('\n').slice(0, -1)));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { lines, port: socket.address().port, close: () => socket.close() };
}

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { until } from '../../../test/services/process.ts';
import { FakeClock } from '../../lib/fake-clock.testing.ts';
import { millis } from '../../lib/units.ts';
import { StatsdInstruments } from './statsd-instruments.ts';

/** A port of our own in the place of the daemon. */
async function aDaemon() {
  const socket = createSocket('udp4');
  const packets: string[] = [];
  socket.on('message', (packet) => packets.push(packet.toString()));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { packets, port: socket.address().port, close: () => socket.close() };
}

describe('what StatsD is told', () => {
  let daemon: Awaited<ReturnType<typeof aDaemon>>;
  let clock: FakeClock;
  let log: ReturnType<typeof memoryLog>;
  const all: StatsdInstruments[] = [];

  beforeEach(async () => {
    daemon = await aDaemon();
    clock = new FakeClock();
    log = memoryLog();
  });
  afterEach(() => {
    for (const instruments of all.splice(0)) instruments.close();
    daemon.close();
  });

  const instrumentsAt = (port: number, host: string, prefix: string): StatsdInstruments => {
    const target = { host, port };
    const watchGc = () => (): void => undefined;
    const instruments = new StatsdInstruments({ target, prefix, clock, log, watchGc });
    instruments.start();
    all.push(instruments);
    return instruments;
  };

  /** Instruments that have found the daemon. */
  async function started(prefix = ''): Promise<StatsdInstruments> {
    const instruments = instrumentsAt(daemon.port, '127.0.0.1', prefix);
    await until('the first packet arrives', async () => {
      instruments.purged(millis(1));
      await clock.advance(100);
      return daemon.packets.length > 0;
    });
    daemon.packets.length = 0;
    return instruments;
  }

  const received = (packets: number): Promise<void> =>
    until('the packets arrive', () => daemon.packets.length >= packets);

  it('is every metric twice, a tenth of a second later, in one packet', async () => {
    const instruments = await started('tyk.pump');
    instruments.claimed(3);
    instruments.purged(millis(7));
    instruments.claimed(39);
    instruments.answered('Kafka Pump', millis(1234));

    await clock.advance(99);
    await clock.advance(1);
    await received(1);

    expect(daemon.packets).toEqual([
      [
        'tyk.pump.purge_time_all:7.00|ms',
        'tyk.pump.PumpRecordsPurge.purge_time_all:7.00|ms',
        'tyk.pump.purge_time_Kafka$Pump:1234|ms',
        'tyk.pump.PumpRecordsPurge.purge_time_Kafka$Pump:1234|ms',
        'tyk.pump.record:42|c',
        'tyk.pump.PumpRecordsPurge.record:42|c',
        '',
      ].join('\n'),
    ]);
  });

  it('has no dot before a name without a prefix', async () => {
    const instruments = await started();
    instruments.claimed(1);
    await clock.advance(100);
    await received(1);

    expect(daemon.packets).toEqual(['record:1|c\nPumpRecordsPurge.record:1|c\n']);
  });

  it('is how long garbage collection has paused, every five seconds', async () => {
    const instruments = await started('p');
    instruments.paused([400_000, 100_000, 300_000, 200_000]);
    await clock.advance(5_100);
    await received(1);

    const values = ['min:100000', '25:200000', '50:300000', '75:400000', 'max:400000'];
    const lines = values.flatMap((value) => [
      `p.pauses_quantile_${value}.00|g`,
      `p.GCActivity.pauses_quantile_${value}.00|g`,
    ]);
    expect(daemon.packets[0]).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('leaves at once where a packet is full', async () => {
    const instruments = await started('p');
    for (let time = 0; time < 30; time++) instruments.purged(millis(time));
    await received(1);

    expect(daemon.packets).toHaveLength(1);
    expect(daemon.packets[0]?.length).toBeLessThanOrEqual(1440);
  });

  it('is what was left, at the end', async () => {
    const instruments = await started();
    instruments.claimed(5);
    instruments.close();
    await received(1);

    expect(daemon.packets).toEqual(['record:5|c\nPumpRecordsPurge.record:5|c\n']);
  });

  it('is said to go nowhere, once, while nobody listens', async () => {
    const { port } = daemon;
    daemon.close();
    const instruments = instrumentsAt(port, '127.0.0.1', '');
    await until('it is said', async () => {
      instruments.claimed(1);
      await clock.advance(100);
      return log.warnings().length > 0;
    });
    for (let at = 0; at < 20; at++) {
      instruments.claimed(1);
      await clock.advance(100);
    }

    expect(log.warnings()).toEqual([
      'The StatsD daemon does not take metrics; they are dropped until it does. Nothing else is affected.',
    ]);
    daemon = await aDaemon();
  });

  it('is said to go nowhere where the name is nobody’s', async () => {
    instrumentsAt(8125, 'no-such-host.invalid', '');
    await until('it is said', () => log.warnings().length > 0);

    expect(log.lines.find(({ level }) => level === 'warn')).toMatchObject({
      fields: { address: 'no-such-host.invalid:8125' },
    });
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { aBatch, aContext, aPreparedPump } from '#pump/testing';
import dogstatsd from './index.ts';
import { UdpReceiver } from './testing.ts';

const { signal } = new AbortController();

afterEach(() => vi.unstubAllEnvs());

async function sent(meta: object, env: (port: number) => Readonly<Record<string, string>>) {
  const receiver = new UdpReceiver();
  await receiver.open();
  try {
    for (const [name, value] of Object.entries(env(receiver.port))) vi.stubEnv(name, value);
    const pump = aPreparedPump(dogstatsd, { address: `127.0.0.1:${receiver.port}`, ...meta });
    const sink = await pump.open(aContext(), signal);
    await sink.deliver(aBatch(20, { method: 'GET', request_time: 1 }), signal);
    const lines = await receiver.lines();
    await sink.close(signal);
    const perDatagram = receiver.datagrams.map((one) => one.toString('utf8').split('\n').length);
    return { lines, perDatagram };
  } finally {
    await receiver.close();
  }
}

const nothing = () => ({});

describe('Datadog’s environment', () => {
  it('names the agent where no address does', async () => {
    const { lines } = await sent({ address: '' }, (port) => ({
      DD_AGENT_HOST: '127.0.0.1',
      DD_DOGSTATSD_PORT: String(port),
    }));

    expect(lines).toHaveLength(20);
  });

  it('adds its tags to every line, but for DD_TAGS, which Tyk Pump does not know', async () => {
    const { lines } = await sent({ tags: ['method'] }, () => ({
      DD_ENTITY_ID: 'pod',
      DD_ENV: 'prod',
      DD_SERVICE: 'gw',
      DD_VERSION: '1.2.3',
      DD_TAGS: 'team:a',
    }));

    expect(lines[0]?.split('#')[1]?.split(',').sort()).toEqual([
      ...['dd.internal.entity_id:pod', 'env:prod', 'method:GET', 'service:gw', 'tyk-pump'],
      'version:1.2.3',
    ]);
  });

  it('is missed clearly', async () => {
    const opening = sent({ address: '' }, () => ({ DD_AGENT_HOST: '' }));

    await expect(opening).rejects.toThrow('DD_AGENT_HOST is not set');
  });
});

describe('datagrams', () => {
  it('are shared by lines', async () => {
    expect((await sent({ tags: ['method'] }, nothing)).perDatagram).toEqual([20]);
  });

  it('have as many lines as buffered_max_messages says', async () => {
    const meta = { tags: ['method'], buffered: true, buffered_max_messages: 8 };

    expect((await sent(meta, nothing)).perDatagram).toEqual([8, 8, 4]);
  });

  it('have sixteen where it says nothing', async () => {
    expect((await sent({ tags: ['method'], buffered: true }, nothing)).perDatagram).toEqual([
      ...[16, 4],
    ]);
  });

  it('have one each if so asked', async () => {
    const { perDatagram } = await sent({ packet_size: '0B' }, nothing);

    expect(perDatagram).toEqual(Array.from({ length: 20 }, () => 1));
  });
});

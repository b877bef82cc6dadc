import { expect, it } from 'vitest';
import { aBatch, aContext, aPreparedPump, failureOf } from '#pump/testing';
import statsd from './index.ts';
import { UdpReceiver } from './testing.ts';

const { signal } = new AbortController();

async function sent(meta: object, batch: ReturnType<typeof aBatch>) {
  const receiver = new UdpReceiver();
  await receiver.open();
  const pump = aPreparedPump(statsd, {
    address: receiver.address,
    fields: ['request_time'],
    tags: ['api_name'],
    ...meta,
  });
  const sink = await pump.open(aContext(), signal);
  const { verdicts } = await sink.deliver(batch, signal);
  const lines = await receiver.lines();
  await sink.close(signal);
  await receiver.close();
  return { verdicts, lines, sizes: receiver.datagrams.map(({ length }) => length) };
}

const hundred = aBatch(100, { api_name: 'orders', request_time: 12 });

it('fills datagrams up to the size of a frame', async () => {
  const { lines, sizes } = await sent({}, hundred);

  expect(lines).toHaveLength(100);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1432);
  expect(sizes).toHaveLength(2);
});

it('fills them up to the size it is told', async () => {
  const { sizes } = await sent({ packet_size: '256B' }, hundred);

  expect(Math.max(...sizes)).toBeLessThanOrEqual(256);
});

it('sends one line each if so asked', async () => {
  expect((await sent({ packet_size: '0B' }, hundred)).sizes).toHaveLength(100);
});

it('rejects a line that no datagram can hold, and sends the others', async () => {
  const batch = aBatch(3, (at) => ({ api_name: at === 1 ? 'x'.repeat(70_000) : 'short' }));

  const { verdicts, lines } = await sent({}, batch);

  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'reject', 'delivered']);
  expect(failureOf(verdicts[1]).kind).toBe('oversize');
  expect(lines).toHaveLength(2);
});

it('has delivered records that make no line', async () => {
  const { verdicts, lines } = await sent({ fields: [] }, aBatch(2));

  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
  expect(lines).toEqual([]);
});

it('keeps the records while the name of the host is unknown', async () => {
  const { verdicts } = await sent({ address: 'nowhere.invalid:8125' }, aBatch(2));

  expect(verdicts.map((verdict) => failureOf(verdict).kind)).toEqual([
    ...['unreachable', 'unreachable'],
  ]);
});

import { createSocket, type RemoteInfo } from 'node:dgram';
import { afterEach, expect, it } from 'vitest';
import { millis } from '#pump';
import { FakeClock } from '#pump/testing';
import { UdpTransport } from './udp-transport.ts';

const { signal } = new AbortController();
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

/** A receiver that knows from where each datagram came, and a transport to it. */
async function bench(clock = new FakeClock()) {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 22 });
  const heard: string[] = [];
  const ports = new Set<number>();
  socket.on('message', (message: Buffer, from: RemoteInfo) => {
    heard.push(message.toString().slice(0, 20));
    ports.add(from.port);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const target = { host: '127.0.0.1', port: socket.address().port };
  const transport = new UdpTransport({ target, clock, rest: millis(0) });
  opened.push(transport, socket);
  return { clock, heard, ports, transport, target };
}

/** Datagrams on this machine are at the socket when the sender hears that they are sent. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const numbered = (count: number): readonly Buffer[] =>
  Array.from({ length: count }, (_, at) => Buffer.from(`message ${at}`));

it('sends each message in a datagram of its own', async () => {
  const { heard, transport } = await bench();

  const outcomes = await transport.send(numbered(40), signal);
  await quiet();

  expect(outcomes).toEqual(Array.from({ length: 40 }, () => undefined));
  expect(heard).toEqual(numbered(40).map(String));
});

it('says which message no datagram can hold, and sends the others', async () => {
  const { heard, transport } = await bench();

  const outcomes = await transport.send(
    [Buffer.from('a'), Buffer.alloc(70_000), Buffer.from('b')],
    signal,
  );
  await quiet();

  expect(outcomes).toMatchObject([undefined, { kind: 'oversize' }, undefined]);
  expect(heard).toEqual(['a', 'b']);
});

it.each([1, 40])(
  'keeps %i messages where a near machine says that nobody listens',
  async (count) => {
    const { target } = await bench();
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    const parts = { clock: new FakeClock(), rest: millis(0) };
    const transport = new UdpTransport({ ...parts, target: { ...target, port } });
    opened.push(transport);

    const outcomes = await transport.send(numbered(count), signal);

    expect(new Set(outcomes.map((failure) => failure?.kind))).toEqual(new Set(['unreachable']));
  },
);

it('sends no more once the signal aborts, and knows what was sent', async () => {
  const { heard, transport } = await bench();
  const stop = new AbortController();
  await transport.send(numbered(1), stop.signal);

  const sending = transport.send(numbered(40), stop.signal);
  setImmediate(() => stop.abort());
  const outcomes = await sending;
  await quiet();

  const sent = outcomes.filter((failure) => failure === undefined).length;
  expect(sent).toBeLessThan(40);
  expect(heard).toHaveLength(1 + sent);
  expect(outcomes.at(-1)).toMatchObject({ kind: 'timeout' });
});

it('keeps the messages while the name of the host is unknown', async () => {
  const parts = { clock: new FakeClock(), rest: millis(0) };
  const transport = new UdpTransport({ ...parts, target: { host: 'nowhere.invalid', port: 9 } });

  expect(await transport.send(numbered(2), signal)).toMatchObject([
    { kind: 'unreachable' },
    { kind: 'unreachable' },
  ]);
});

it('asks once a minute what the name of the host means', async () => {
  const { clock, ports, transport } = await bench();
  await transport.send(numbered(1), signal);
  await clock.advance(59_000);
  await transport.send(numbered(1), signal);
  await quiet();
  expect(ports.size).toBe(1);

  await clock.advance(1_000);
  await transport.send(numbered(1), signal);
  await quiet();

  expect(ports.size).toBe(2);
});

it('rests after every sixteen datagrams for as long as it is told', async () => {
  const { clock, heard, target } = await bench();
  const transport = new UdpTransport({ target, clock, rest: millis(1) });
  opened.push(transport);

  const sending = transport.send(numbered(20), signal);
  await quiet();
  expect(heard).toHaveLength(16);
  await clock.advance(1);
  await quiet();
  expect(heard).toHaveLength(20);
  await clock.advance(1);

  expect(await sending).toHaveLength(20);
});

import { describe, expect, it } from 'vitest';
import { bytes, type Failure, type Health } from '#pump';
import { aBatch, aContext, aPreparedPump, failureOf } from '#pump/testing';
import type { Outcomes, Transport } from '../shared/transports/transport.ts';
import { keys } from './encode.ts';
import syslog from './index.ts';
import { type Settings, settingsOf, targetOf } from './settings.ts';
import { SyslogSink } from './sink.ts';

const signal = AbortSignal.timeout(10_000);

class FakeTransport implements Transport {
  readonly sent: string[] = [];
  failures: readonly (Failure | undefined)[] = [];

  send(messages: readonly Buffer[]): Promise<Outcomes> {
    this.sent.push(...messages.map((message) => message.toString('utf8')));
    return Promise.resolve(messages.map((_, at) => this.failures[at]));
  }

  check(): Promise<Health> {
    return Promise.resolve({ state: 'up' });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const defaults = { transport: 'udp', format: 'map', line_ends: 'keep' } as const;

function aSink(settings: Partial<Settings> = {}) {
  const transport = new FakeTransport();
  const sink = new SyslogSink({
    transport,
    settings: {
      ...{ transport: 'tcp', framing: 'newline', format: 'json', priority: 0, tag: 't' },
      ...{ structuredDataId: 'x', mostBytes: bytes(10_000), keepsLineEnds: false },
      ...settings,
    },
    sender: { hostname: 'h', processId: 1 },
    document: keys,
    clock: aContext().clock,
  });
  return { transport, sink };
}

it('sends one framed message for each record', async () => {
  const { transport, sink } = aSink();

  const { verdicts } = await sink.deliver(aBatch(2), signal);

  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
  expect(transport.sent.map((message) => message.at(-1))).toEqual(['\n', '\n']);
});

it('rejects a message that is too long, alone and unsent', async () => {
  const { transport, sink } = aSink();
  const long = { raw_request: 'x'.repeat(10_000) };

  const { verdicts } = await sink.deliver(
    aBatch(3, (at) => (at === 1 ? long : {})),
    signal,
  );

  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'reject', 'delivered']);
  expect(failureOf(verdicts[1])).toMatchObject({
    kind: 'oversize',
    message: 'The message is longer than 10000 bytes.',
  });
  expect(transport.sent).toHaveLength(2);
});

it('rejects what the escapes make too long for a datagram', async () => {
  const path = `/${'\n'.repeat(100)}`;
  const settings = { framing: 'datagram', format: 'map' } as const;
  const whole = aSink(settings);
  await whole.sink.deliver(aBatch(1, { path, raw_path: '' }), signal);
  const mostBytes = bytes((whole.transport.sent[0] ?? '').length - 1);
  const { transport, sink } = aSink({ ...settings, mostBytes });

  const { verdicts } = await sink.deliver(aBatch(1, { path, raw_path: '' }), signal);

  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['reject']);
  expect(transport.sent).toEqual([]);
});

it('sends nothing where every message is too long', async () => {
  const { transport, sink } = aSink({ mostBytes: bytes(10) });

  const { verdicts } = await sink.deliver(aBatch(2), signal);

  expect(verdicts.map(({ outcome }) => outcome)).toEqual(['reject', 'reject']);
  expect(transport.sent).toEqual([]);
});

it('says for each message what became of it, passing over those that were never sent', async () => {
  const { transport, sink } = aSink();
  transport.failures = [undefined, { kind: 'unreachable', message: 'gone' }];
  const batch = aBatch(3, (at) => (at === 0 ? { raw_request: 'x'.repeat(10_000) } : {}));

  const { verdicts } = await sink.deliver(batch, signal);

  expect(verdicts).toMatchObject([
    { outcome: 'reject', failure: { kind: 'oversize' } },
    { outcome: 'delivered' },
    { outcome: 'retry', failure: { kind: 'unreachable' } },
  ]);
});

it('rejects what the system finds too long for a datagram, and holds up nothing else', async () => {
  const { transport, sink } = aSink();
  transport.failures = [{ kind: 'oversize', message: 'the datagram is too long' }];

  const { verdicts } = await sink.deliver(aBatch(2), signal);

  expect(verdicts).toMatchObject([
    { outcome: 'reject', failure: { kind: 'oversize' } },
    { outcome: 'delivered' },
  ]);
});

it('says of UDP that it cannot know', async () => {
  const sink = await aPreparedPump(syslog, {}).open(aContext(), signal);

  expect(await sink.check(signal)).toMatchObject({ state: 'unknown' });
  await sink.close(signal);
});

it.each([
  [{}, true],
  [{ line_ends: 'escape' }, false],
  [{ format: 'json' }, false],
  [{ format: 'rfc5424' }, false],
])('of a datagram with %j keeps line ends: %s', (meta, expected) => {
  const { keepsLineEnds } = settingsOf({ ...defaults, ...meta } as never);
  expect(keepsLineEnds).toBe(expected);
});

describe('the options', () => {
  const prepare = (raw: object, env: Readonly<Record<string, string>> = {}) =>
    syslog.prepare({ raw, source: 'test', key: 'meta', env, envPrefix: syslog.envPrefix });

  it.each([
    [{}, []],
    [{ transport: '', tag: '' }, []],
    [{ transport: 'tls' }, []],
    [{ transport: 'unix' }, ['error meta.transport']],
    [{ network_addr: 'localhost' }, ['error meta.network_addr']],
    [{ log_level: 0 }, ['warning meta.log_level']],
    [{ log_level: 192 }, ['error meta.log_level']],
    [{ log_level: -1 }, ['error meta.log_level']],
    [{ framing: 'newline' }, ['warning meta.framing']],
    [{ framing: 'newline', transport: 'tcp' }, []],
    [{ structured_data_id: 'a b' }, ['error meta.structured_data_id']],
    [{ structured_data_id: 'a"' }, ['error meta.structured_data_id']],
    [{ transport: 'tcp', ssl_ca_file: 'x' }, ['warning meta.ssl_ca_file']],
  ])('%j have the problems %j', (raw, expected) => {
    const { problems } = prepare({ log_level: 134, ...raw });

    expect(problems.map(({ key, severity }) => `${severity} ${key}`)).toEqual(expected);
  });

  it.each([
    ['udp', 'best-effort'],
    ['', 'best-effort'],
    ['tcp', 'at-least-once'],
    ['tls', 'at-least-once'],
  ])('promise with the transport %j: %s', (transport, guarantee) => {
    expect(aPreparedPump(syslog, { transport }).guarantee).toBe(guarantee);
  });

  it('come from Tyk’s variables too', () => {
    const prefix = syslog.envPrefix;
    const { problems } = prepare(
      {},
      {
        ...{ [`${prefix}_TRANSPORT`]: 'tcp', [`${prefix}_NETWORKADDR`]: 'nowhere' },
        ...{ [`${prefix}_LOGLEVEL`]: '5', [`${prefix}_TAG`]: 't' },
      },
    );

    expect(problems.map(({ found }) => found)).toEqual(['a text']);
  });

  it.each([
    ['localhost:514', { host: 'localhost', port: 514 }],
    [':514', { host: 'localhost', port: 514 }],
    ['[::1]:514', { host: '::1', port: 514 }],
    ['::1:514', undefined],
    ['host:0', undefined],
    ['host:65536', undefined],
    ['host', undefined],
  ])('take %s for an address: %j', (address, expected) => {
    expect(targetOf(address)).toEqual(expected);
  });
});

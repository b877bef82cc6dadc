/** Nothing is left out in silence: each way in which bytes come to nothing has its reason in the metrics, and in the report. */
import { expect, it } from 'vitest';
import { ScriptedConnection } from './connection.testing.ts';
import { ethernet, type Frame, flags, ip4 } from './frames.testing.ts';
import { inspect, textOf } from './packets.testing.ts';

const request = 'GET /1 HTTP/1.1\r\nHost: a.example\r\n\r\n';
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nanswer';
const called = () => new ScriptedConnection().open().say('client', request).say('server', answer);
const more = Buffer.from('more');

it.each<[string, string, () => ScriptedConnection]>([
  [
    'behind the end of their side',
    'behind-fin',
    () => called().finish('server').add('server', flags.ack, more),
  ],
  [
    'too early, behind an end that comes then',
    'behind-fin',
    () => called().add('server', flags.ack, more, -5).finish('server'),
  ],
  [
    'far beyond all that was confirmed',
    'beyond-window',
    () => called().add('server', flags.ack, more, -2_000_000).wait(6000).add('server', flags.ack),
  ],
  ['after the connection', 'ended', () => called().close().add('server', flags.ack, more)],
  [
    'that confirm what cannot have been sent',
    'tangled',
    () => called().finish('server').lose('server', 1000).add('client', flags.ack, more),
  ],
  [
    'in a reset from elsewhere',
    'reset',
    () => called().add('server', flags.reset, undefined, 9999),
  ],
])('bytes %s', (_, reason, script) => {
  const { exchanges, counters, metrics } = inspect(script().frames);

  expect(textOf(exchanges[0]?.response?.body)).toBe('answer');
  expect(metrics.of('sluice_capture_packets_lost_total', reason)).toBe(1);
  expect(counters.capture.lost).toEqual({ [reason]: 1 });
});

it('counts nothing where late packets repeat what was there', () => {
  const connection = called().close();
  const { frames } = connection.wait(10).add('server', flags.ack, more, more.length + 1);

  expect(inspect(frames).counters.capture.lost).toEqual({});
});

it('connections that are silent for too long', () => {
  const silent = called();
  const other = new ScriptedConnection({
    client: { address: '10.0.0.8', port: 1 },
    time: silent.time + 700_000,
  }).open();

  const { counters } = inspect([...silent.frames, ...other.frames]);

  expect(counters.capture.lost).toEqual({ idle: 1 });
});

it('packets of which only the beginning was captured', () => {
  const frames: Frame[] = called().frames.map((frame) => ({
    ...frame,
    bytes: frame.bytes.subarray(0, 96),
    wireLength: frame.bytes.length,
  }));

  const { counters } = inspect(frames);

  expect(counters.capture.lost.cut).toBe(2);
});

it.each<[string, Buffer]>([
  ['not-ip', Buffer.concat([Buffer.alloc(12), Buffer.from([8, 6]), Buffer.alloc(28)])],
  ['not-tcp', ethernet(ip4({ from: '10.0.0.1', to: '10.0.0.2', protocol: 17, payload: more }))],
  ['malformed', ethernet(ip4({ from: '10.0.0.1', to: '10.0.0.2', payload: more }))],
  ['malformed', ethernet(Buffer.from([0x45, 0, 0]))],
])('packets that are not looked into: %s', (reason, bytes) => {
  const { counters, metrics } = inspect([{ bytes, time: 1000 }]);

  expect(counters.capture.ignored).toEqual({ [reason]: 1 });
  expect(metrics.of('sluice_capture_packets_ignored_total', reason)).toBe(1);
});

it('an answer at the very end whose request was not captured is counted, too', () => {
  const connection = new ScriptedConnection().open().lose('client', request.length);
  connection.say('server', answer, { isConfirmed: false });

  const { counters } = inspect(connection.frames);

  expect(counters.capture).toMatchObject({ responsesWithoutRequest: 1, lost: { gap: 1 } });
});

it('first bytes that say nothing, and a hole behind them, are not taken for one message', () => {
  const connection = new ScriptedConnection().open().say('client', 'GE', { isConfirmed: false });
  connection.lose('client', 10).say('client', 'T /forged HTTP/1.1\r\nHost: a.example\r\n\r\n');
  connection.wait(200).add('server', flags.ack);

  const { exchanges, counters } = inspect(connection.frames);

  expect(exchanges).toEqual([]);
  expect(counters.before.ports['80']).toMatchObject({ httpRequests: 0, unparsed: 2 });
});

it('a ClientHello that is not whole is a connection of TLS all the same', () => {
  const start = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);
  const connection = new ScriptedConnection({ server: { address: '10.0.0.9', port: 443 } }).open();
  connection.say('client', start).lose('client', 400).wait(200).add('server', flags.ack);

  const { counters } = inspect(connection.wait(200).add('server', flags.ack).frames);

  expect(counters.before.ports['443']).toMatchObject({ recognised: { tls: 1 }, tlsHandshakes: 0 });
});

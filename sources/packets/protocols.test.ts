import { once } from 'node:events';
import {
  connect as connectTls,
  createServer as createTlsServer,
  type SecureVersion,
} from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeCertificates } from '../../test/services/certificates.ts';
import { ScriptedConnection } from './connection.testing.ts';
import { inspect } from './packets.testing.ts';
import { between, replayed, type Said } from './tls.testing.ts';

/** What a real client and a real server say to each other over TLS, as it is on the wire. */
async function overTls(version: SecureVersion, servername: string | undefined): Promise<Said> {
  const { key, cert } = await makeCertificates({ names: ['shop.example'] });
  const server = createTlsServer(
    { key, cert, ALPNProtocols: ['h2', 'http/1.1'], minVersion: version, maxVersion: version },
    (socket) => socket.end('secret'),
  );
  const { said } = await between(server, async (port) => {
    const socket = connectTls({
      ...{ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] },
      ...(servername === undefined ? {} : { servername }),
    });
    socket.resume();
    await once(socket, 'close');
  });
  return said;
}

const text = (...said: readonly (readonly ['client' | 'server', string])[]): Said =>
  said.map(([from, words]) => [from, Buffer.from(words, 'latin1')]);

describe('TLS', () => {
  it.each([
    ['TLSv1.3', 1448, 'unknown'],
    ['TLSv1.3', 100, 'unknown'],
    ['TLSv1.2', 1448, 'h2'],
    ['TLSv1.2', 200, 'h2'],
  ] as const)(
    'is counted by name, version and protocol, and never read: %s in segments of %d',
    async (version, size, protocol) => {
      const frames = replayed(await overTls(version, 'shop.example'), 443, size).close().frames;

      const { exchanges, counters, metrics } = inspect(frames);

      expect(exchanges).toEqual([]);
      expect(counters.before.ports['443']).toMatchObject({
        ...{
          tlsHandshakes: 1,
          unparsed: 0,
          httpRequests: 0,
          recognised: {},
          serverNames: { 'shop.example': 1 },
        },
      });
      expect(Object.keys(counters.before.hosts)).toEqual(['shop.example']);
      expect(metrics.of('sluice_capture_packets_handshakes_total', version, protocol)).toBe(1);
    },
  );

  it('without a name is counted for the address', async () => {
    const { counters } = inspect(replayed(await overTls('TLSv1.3', undefined), 443).close().frames);

    expect(counters.before.ports['443']).toMatchObject({ tlsHandshakes: 1, serverNames: {} });
    expect(Object.keys(counters.before.hosts)).toEqual(['10.0.0.9']);
  });

  it('that the server answers in plain HTTP is counted as refused', async () => {
    const [hello] = await overTls('TLSv1.3', 'shop.example');
    const answer = text(['server', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n']);
    const { counters } = inspect(
      replayed([...(hello === undefined ? [] : [hello]), ...answer], 80).close().frames,
    );

    expect(counters.before.ports['80']).toMatchObject({ tlsHandshakes: 1, tlsRefused: 1 });
  });

  it('that began before us is recognised, too', () => {
    const connection = new ScriptedConnection({ server: { address: '10.0.0.9', port: 443 } });
    connection
      .say('client', Buffer.from([23, 3, 3, 0, 2, 1, 2]))
      .say('server', Buffer.from([23, 3, 3, 0, 2, 1, 2]));

    expect(inspect(connection.frames).counters.before.ports['443']?.recognised).toEqual({ tls: 1 });
  });
});

describe('other protocols', () => {
  it.each<[string, Said]>([
    ['redis', text(['client', '*1\r\n$4\r\nPING\r\n'], ['server', '+PONG\r\n'])],
    [
      'postgres',
      text(['client', '\0\0\0\x2d\0\x03\0\0user\0me\0database\0mine\0\0'], ['server', 'R']),
    ],
    ['mysql', text(['server', 'J\0\0\0\x0a8.0.36\0'], ['client', 'x'])],
    ['ssh', text(['server', 'SSH-2.0-OpenSSH_9.2\r\n'], ['client', 'SSH-2.0-x\r\n'])],
    ['smtp', text(['server', '220 mail.example ESMTP\r\n'], ['client', 'EHLO x\r\n'])],
    ['amqp', text(['client', 'AMQP\0\0\x09\x01'])],
  ])('are counted by name: %s', (name, said) => {
    const { exchanges, counters } = inspect(replayed(said, 7000).close().frames);

    expect(exchanges).toEqual([]);
    expect(counters.before.ports['7000']).toMatchObject({ recognised: { [name]: 1 }, unparsed: 0 });
  });

  it('begin TLS after a wish for it, as PostgreSQL’s do', async () => {
    const wish = text(['client', '\0\0\0\x08\x04\xd2\x16\x2f'], ['server', 'S']);
    const { counters } = inspect(
      replayed([...wish, ...(await overTls('TLSv1.3', 'db.example'))], 5432).close().frames,
    );

    expect(counters.before.ports['5432']).toMatchObject({
      recognised: { postgres: 1 },
      tlsHandshakes: 1,
      serverNames: { 'db.example': 1 },
    });
  });

  it('that nobody knows are unparsed', () => {
    const { exchanges, counters } = inspect(
      replayed(text(['client', 'hello you there'], ['server', 'hi']), 7000).close().frames,
    );

    expect(exchanges).toEqual([]);
    expect(counters.before.ports['7000']).toMatchObject({ tcpSegments: 2, unparsed: 2 });
    expect(Object.keys(counters.before.hosts)).toEqual(['10.0.0.9']);
  });
});

import { once } from 'node:events';
import { copyFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { systemClock } from '#source';
import { CountingMetrics } from '../../../src/lib/metrics.testing.ts';
import { type Certificates, makeCertificates } from '../../../test/services/certificates.ts';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { forwardTo, speak, startOrigin, startRelay, upstreamAt } from '../relay/relay.testing.ts';
import type { ListenerOptions, ListenerTls } from './listener.ts';
import { startListener } from './start-listener.ts';

const settings = (tls: ListenerTls | undefined, port = 0): ListenerOptions => ({
  ...{ source: 'test', direction: 'in', listen: { host: '127.0.0.1', port }, tls },
  ...{
    onSocket: () => undefined,
    log: memoryLog(),
    metrics: new CountingMetrics(),
    clock: systemClock,
  },
});

async function startBehind(tls: ListenerTls | undefined) {
  const origin = await startOrigin((request, response) =>
    response.end(`for ${request.headers.host}`),
  );
  const turnedAway: string[] = [];
  const turn = { turnedAway: (reason: string) => void turnedAway.push(reason) };
  const relay = await startRelay({ decide: forwardTo(upstreamAt(origin.port)), ...turn });
  const metrics = new CountingMetrics();
  const log = memoryLog();
  const listener = await startListener({
    ...settings(tls),
    onSocket: (socket) => relay.relay.accept(socket),
    ...{ log, metrics, ...turn },
  });
  return {
    ...{ listener, relay, metrics, log, turnedAway },
    refused: (reason: string) => metrics.of('sluice_capture_refused_total', 'test', 'in', reason),
    async stop() {
      await listener.stop();
      await relay.stop();
      await origin.stop();
    },
  };
}

/** What the server shows to a client that asks for this name. */
async function shown(port: number, servername: string, ca: readonly Buffer[]) {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername,
    ca: [...ca],
    ALPNProtocols: ['h2'],
  });
  await once(socket, 'secureConnect');
  const seen = { names: socket.getPeerCertificate().subjectaltname, alpn: socket.alpnProtocol };
  socket.destroy();
  return seen;
}

const pair = ({ certFile, keyFile }: Certificates, ...names: string[]) => ({
  certFile,
  keyFile,
  names,
});

test('each name has its certificate, and a reload takes others without a connection lost', async () => {
  const [first, shop, later] = await Promise.all([
    makeCertificates(),
    makeCertificates({ names: ['*.shop.example'] }),
    makeCertificates({ names: ['*.shop.example', 'later.example'] }),
  ]);
  const all = [first.ca, shop.ca, later.ca];
  const behind = await startBehind({ certificates: [pair(first), pair(shop)] });
  const { port, address } = behind.listener;
  expect(address).toBe(`https://127.0.0.1:${port}`);
  expect(await shown(port, 'localhost', all)).toEqual({
    names: 'DNS:localhost, IP Address:127.0.0.1',
    alpn: 'h2',
  });
  expect((await shown(port, 'a.shop.example', all)).names).toContain('DNS:*.shop.example');

  const open = connectTls({ port, host: '127.0.0.1', servername: 'a.shop.example', ca: all });
  await once(open, 'secureConnect');
  await copyFile(later.certFile, shop.certFile);
  await expect(behind.listener.reload()).rejects.toThrow(
    `${shop.certFile} cannot be used with ${shop.keyFile}`,
  );
  expect((await shown(port, 'a.shop.example', all)).names).not.toContain('later.example');
  await copyFile(later.keyFile, shop.keyFile);
  await behind.listener.reload();
  expect((await shown(port, 'a.shop.example', all)).names).toContain('later.example');
  open.write('GET / HTTP/1.1\r\nHost: still.example\r\nConnection: close\r\n\r\n');
  const [said] = (await once(open, 'data')) as [Buffer];
  expect(said.toString()).toContain('200 OK');
  open.destroy();
  await behind.stop();
});

test('every file that is wrong is named', async () => {
  const good = await makeCertificates();
  const bad = await makeCertificates();
  await writeFile(bad.certFile, 'no certificate');
  const certificates = [
    ...[pair(good), pair(bad), { certFile: '/nowhere/a.crt', keyFile: good.keyFile, names: [] }],
  ];
  const starting = startListener(settings({ certificates }));
  await expect(starting).rejects.toThrow(
    /cannot be used: .*pair\.crt cannot be used with .*pair\.key.*; \/nowhere\/a\.crt cannot be read \(ENOENT\)/,
  );
});

test('a client that speaks plain HTTP to a port with TLS is told so, counted, and logged once', async () => {
  const behind = await startBehind({ certificates: [pair(await makeCertificates())] });
  const { port } = behind.listener;
  for (let i = 0; i < 3; i++)
    expect(await speak(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 Bad Request\r\n[^]*Use https:\/\/ in the address\.\n$/,
    );
  expect(behind.refused('plain_on_tls_port')).toBe(3);
  expect(behind.turnedAway).toEqual(Array(3).fill('plain-on-tls-port'));
  expect(behind.log.warnings()).toEqual([
    'A client speaks without TLS to a port with TLS; its address should begin with https://',
  ]);
  await behind.stop();
});

test('a client that speaks TLS to a plain port learns it from its own library, and the log says what to do', async () => {
  const behind = await startBehind(undefined);
  const request = get({ host: '127.0.0.1', port: behind.listener.port });
  const [error] = (await once(request, 'error')) as [NodeJS.ErrnoException];
  expect(error.message).toContain('wrong version number');
  expect(
    behind.relay.metrics.of('sluice_capture_refused_total', 'test', 'in', 'tls_on_plain_port'),
  ).toBe(1);
  expect(behind.turnedAway).toEqual(['tls-on-plain-port']);
  expect(behind.relay.log.lines.map(({ fields }) => fields['words'])).toEqual([
    'This port speaks plain HTTP, and the client began with TLS. Use http:// in the address.',
  ]);
  await behind.stop();
});

test('a client without the certificate that is asked for is refused in the handshake, and the log says why', async () => {
  const trusted = await makeCertificates();
  const behind = await startBehind({ certificates: [pair(trusted)], clientCaFile: trusted.caFile });
  const { port } = behind.listener;
  const ask = (own: object) =>
    new Promise<string>((resolve) => {
      get(
        { port, host: 'localhost', family: 4, ca: trusted.ca, agent: false, ...own },
        (response) => {
          response.resume();
          resolve(String(response.statusCode));
        },
      ).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  expect(await ask({ cert: trusted.cert, key: trusted.key })).toBe('200');
  expect(await ask({})).toMatch(/CERTIFICATE_REQUIRED|ECONNRESET/);
  expect(behind.log.lines.map(({ fields }) => fields['reason'])).toEqual([
    'the client showed no certificate',
  ]);
  expect(behind.refused('tls_handshake')).toBe(1);
  await behind.stop();
});

test('a port that is taken is named', async () => {
  const behind = await startBehind(undefined);
  const again = startListener(settings(undefined, behind.listener.port));
  await expect(again).rejects.toThrow(
    `Cannot listen at 127.0.0.1:${behind.listener.port}: another process listens there`,
  );
  await behind.stop();
});

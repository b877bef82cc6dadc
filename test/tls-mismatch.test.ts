import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { aBatch, aContext, aPreparedPump, failureOf, LocalServer } from '#pump/testing';
import { findPump } from '../pumps/index.ts';
import { systemClock } from '../src/lib/clock.ts';
import { type Certificates, makeCertificates } from './services/certificates.ts';

const signal = (): AbortSignal => AbortSignal.timeout(20_000);
const opened: { close(): Promise<unknown> }[] = [];
let certificates: Certificates;
let strangers: Certificates;

beforeAll(async () => {
  [certificates, strangers] = await Promise.all([makeCertificates(), makeCertificates()]);
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function portOf(make: () => Server): Promise<number> {
  const server = new LocalServer(make);
  await server.listen();
  opened.push(server);
  return server.port;
}

/** Why nothing was delivered, and what the check says. */
async function wordsOf(type: string, meta: object): Promise<string> {
  const found = await findPump(type);
  if (found.outcome !== 'found') throw new Error(`${type} is not in the registry`);
  const context = aContext({ clock: systemClock });
  const sink = await aPreparedPump(found.pump, meta).open(context, signal());
  opened.push({ close: () => sink.close(signal()) });
  const { verdicts } = await sink.deliver(aBatch(1), signal());
  const { message } = failureOf(verdicts[0]);
  const health = await sink.check(signal());
  if (health.state === 'up') throw new Error('it is said to be up');
  // The answer to HEAD has no page.
  expect([message, 'The server answered 400 without a reason.']).toContain(health.reason);
  // OpenSSL's words, with the names of its files.
  expect(message).not.toMatch(/routines|\.c:\d|\n/);
  return message;
}

const http: Readonly<Record<string, (url: string) => object>> = {
  elasticsearch: (url) => ({ elasticsearch_url: url, version: '8' }),
  influx: (url) => ({ address: url, database_name: 'd', fields: ['path'] }),
  influx2: (url) => ({
    address: url,
    bucket: 'b',
    organization: 'o',
    token: 't',
    fields: ['path'],
  }),
  otlp: (url) => ({ url }),
  splunk: (url) => ({ collector_url: url, collector_token: 't' }),
};
const page =
  (status: number, body: string, headers = {}) =>
  () =>
    createHttpServer((request, response) => {
      request.resume();
      response.writeHead(status, headers).end(body);
    });
const alert = Buffer.from('15030100020246', 'hex');
const alerting = () => createServer((socket) => socket.once('data', () => socket.end(alert)));
const secure = () => createTlsServer(certificates, (socket) => socket.resume());

describe.each(Object.keys(http))('%s', (type) => {
  const said = (url: string) => wordsOf(type, http[type]?.(url) ?? {});

  it('says that there is no TLS where it asks for it', async () => {
    const port = await portOf(page(200, ''));

    expect(await said(`https://127.0.0.1:${port}`)).toContain('it speaks no TLS at this port');
  });

  it.each<[string, () => Server]>([
    ['nothing', () => createHttpsServer(certificates, (_, response) => response.end())],
    ['an alert', alerting],
    ['the page of nginx', page(400, '<h1>The plain HTTP request was sent to HTTPS port</h1>')],
    ['the page of Go', page(400, 'Client sent an HTTP request to an HTTPS server.\n')],
  ])('says that there is TLS where it does without, from %s', async (_, make) => {
    const port = await portOf(make);

    expect(await said(`http://127.0.0.1:${port}`)).toContain('its address begins with https://');
  });

  it('says where it is sent to', async () => {
    const port = await portOf(page(301, '', { location: 'https://sink.example/path?secret=1' }));

    expect(await said(`http://127.0.0.1:${port}`)).toContain(
      'answered 301 and sends to https://sink.example: name the address',
    );
  });

  it('says that the certificate is not trusted, and the option for it', async () => {
    const port = await portOf(() => createHttpsServer(strangers));

    expect(await said(`https://127.0.0.1:${port}`)).toContain('ssl_ca_file');
  });
});

describe('kafka', () => {
  const said = (port: number, use_ssl: boolean, more: object = {}) =>
    wordsOf('kafka', { broker: [`127.0.0.1:${port}`], topic: 't', timeout: 5, use_ssl, ...more });

  it('says that there is no TLS where it asks for it', async () => {
    const closing = createServer((socket) => socket.once('data', () => socket.end()));
    const port = await portOf(() => closing);

    expect(await said(port, true)).toContain('it may speak no TLS');
    expect(await said(await portOf(page(200, '')), true)).toContain('it speaks no TLS');
  });

  it('says that there is TLS where it does without', async () => {
    expect(await said(await portOf(alerting), false)).toContain('speaks TLS: set use_ssl');
    expect(await said(await portOf(secure), false)).toContain('one does that wants TLS (use_ssl)');
  });

  it('says that the certificate is not trusted, and the option for it', async () => {
    expect(await said(await portOf(secure), true)).toContain('ssl_ca_file');
  });
});

describe('syslog', () => {
  const said = (port: number, transport: string) =>
    wordsOf('syslog', { network_addr: `127.0.0.1:${port}`, transport });

  it('says that there is no TLS where it asks for it', async () => {
    expect(await said(await portOf(page(200, '')), 'tls')).toContain('it speaks no TLS');
  });

  it('says that the certificate is not trusted, and the option for it', async () => {
    expect(await said(await portOf(secure), 'tls')).toContain('ssl_ca_file');
  });
});

it('says that there is TLS where syslog does without', async () => {
  const port = await portOf(alerting);
  const found = await findPump('syslog');
  if (found.outcome !== 'found') throw new Error('not found');
  const meta = { network_addr: `127.0.0.1:${port}`, transport: 'tcp' };
  const sink = await aPreparedPump(found.pump, meta).open(aContext(), signal());
  opened.push({ close: () => sink.close(signal()) });

  const { verdicts } = await sink.deliver(aBatch(1), signal());

  expect(failureOf(verdicts[0]).message).toContain('speaks TLS: set transport to tls');
});

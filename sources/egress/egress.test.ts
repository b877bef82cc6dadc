import { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import { startOrigin } from '../shared/relay/relay.testing.ts';
import { ask, askFor, startEntry, startTlsOrigin } from './egress.testing.ts';

let certificates: Certificates;
let others: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates({ names: ['api.example.com'] });
  others = await makeCertificates({ names: ['api.example.com'] });
});

const stops: (() => Promise<void>)[] = [];
const kept = <T extends { stop(): Promise<void> }>(started: T): T => {
  stops.push(() => started.stop());
  return started;
};
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const plainOrigin = async (name = 'origin') =>
  kept(
    await startOrigin((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method, url, headers, rawHeaders } = request;
        const body = Buffer.concat(chunks).toString();
        response.end(JSON.stringify({ name, method, url, host: headers.host, rawHeaders, body }));
      });
    }),
  );

const entryAt = (port: number, rest = ''): string => `
entries:
- name: api
  hosts: [api.example.com]
  ports: [{number: 80, protocol: HTTP, targetPort: ${port}}]
  addresses: [127.0.0.0/8]
${rest}`;

describe('requests', () => {
  it('go to an entry in absolute form, and by the Host header', async () => {
    const origin = await plainOrigin();
    const entry = kept(await startEntry(entryAt(origin.port)));
    const absolute = await askFor(entry, 'http://api.example.com/a?b=c');
    expect(JSON.parse(absolute.body)).toMatchObject({ url: '/a?b=c', host: 'api.example.com' });
    const transparent = await ask(entry.port, {
      path: '/x',
      headers: { host: 'API.example.com.' },
    });
    expect(JSON.parse(transparent.body)).toMatchObject({ url: '/x', host: 'api.example.com' });
    expect(entry.lookedUp).toEqual(['api.example.com']);
  });

  it('carry nothing of ours, and nothing that is for a proxy', async () => {
    const origin = await plainOrigin();
    const entry = kept(await startEntry(entryAt(origin.port)));
    const { body } = await askFor(entry, 'http://api.example.com/', {
      headers: { 'Proxy-Authorization': 'Basic c2VjcmV0', 'X-a': 'b' },
    });
    const { rawHeaders } = JSON.parse(body) as { rawHeaders: string[] };
    const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual(['connection', 'host', 'x-a']);
    const exchange = await entry.exchange();
    expect(JSON.stringify(exchange)).not.toContain('c2VjcmV0');
  });

  it('are recorded with both bodies as they were, on whose behalf and where', async () => {
    const origin = await plainOrigin();
    const entry = kept(await startEntry(entryAt(origin.port)));
    const sent = 'ä\0\u0001{"a":1}';
    const { body } = await askFor(entry, 'http://api.example.com/orders', {
      method: 'POST',
      body: sent,
    });
    const exchange = await entry.exchange();
    expect(Buffer.from(exchange.request.body.bytes).toString()).toBe(sent);
    expect(Buffer.from(exchange.response?.body.bytes ?? []).toString()).toBe(body);
    expect(exchange).toMatchObject({
      ...{ source: 'egress', direction: 'out', isOpaque: false, error: undefined },
      server: { address: '127.0.0.1', port: origin.port },
      call: { apiId: 'api', apiName: 'api' },
    });
  });

  it('of two applications are one stream of records, and the same metrics as those that come in, with a direction', async () => {
    const origin = await plainOrigin();
    const entry = kept(await startEntry(entryAt(origin.port)));
    await Promise.all([
      ask(entry.port, {
        localAddress: '127.0.0.2',
        path: 'http://api.example.com/1',
        headers: { host: 'api.example.com' },
      }),
      ask(entry.port, {
        localAddress: '127.0.0.3',
        path: 'http://api.example.com/2',
        headers: { host: 'api.example.com' },
      }),
    ]);
    await entry.exchange(({ client }) => client.address === '127.0.0.2');
    await entry.exchange(({ client }) => client.address === '127.0.0.3');
    expect(entry.metrics.of('sluice_capture_requests_total', 'egress', 'out', '2xx')).toBe(2);
  });

  it('that fail are a 502 with the reason', async () => {
    const origin = await plainOrigin();
    const { port } = origin;
    await origin.stop();
    stops.length = 0;
    const entry = kept(await startEntry(entryAt(port)));
    const answer = await askFor(entry, 'http://api.example.com/');
    expect(answer.status).toBe(502);
    expect((await entry.exchange()).error).toBeDefined();
    const lines = await entry.audited(2);
    expect(lines.map(({ decision }) => decision)).toEqual(['allowed', 'failed']);
  });
});

describe('whoever is denied', () => {
  it('gets a 403 with a reason, as text or JSON; a record, metrics, a line of the log and of the audit log', async () => {
    const entry = kept(await startEntry(entryAt(1)));
    const text = await askFor(entry, 'http://other.example/?token=secret');
    expect(text.status).toBe(403);
    expect(text.body).toBe('Denied by the egress entry (host): no entry has other.example.\n');
    const json = await askFor(entry, 'http://api.example.com:8080/', {
      headers: { accept: 'application/json' },
    });
    expect(JSON.parse(json.body)).toEqual({
      error:
        'Denied by the egress entry (port): the entry api has api.example.com at 80, not at 8080.',
    });
    const exchange = await entry.exchange();
    expect(exchange).toMatchObject({
      ...{ server: undefined, error: { kind: 'denied' }, response: { status: 403 } },
      call: { tags: ['cap-denied-host'] },
    });
    const { metrics, log } = entry;
    expect(metrics.of('sluice_egress_denied_total', '', 'host', 'http')).toBe(1);
    expect(metrics.of('sluice_egress_denied_total', 'api', 'port', 'http')).toBe(0);
    expect(metrics.of('sluice_egress_denied_total', '', 'port', 'http')).toBe(1);
    expect(metrics.of('sluice_capture_refused_total', 'egress', 'out', 'host')).toBe(1);
    expect(metrics.of('sluice_capture_errors_total', 'egress', 'out', 'denied')).toBe(2);
    expect(log.warnings()).toContain('A call was denied.');
    const [line] = await entry.audited(2);
    expect(line).toMatchObject({
      ...{
        decision: 'denied',
        by: 'http',
        method: 'GET',
        asked: 'other.example:80',
        reason: 'host',
      },
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    });
    expect(JSON.stringify(await entry.audited(2)) + log.text()).not.toContain('secret');
    expect(entry.lookedUp).toEqual([]);
  });

  it('again and again is one line of the log, and every time one of the audit log', async () => {
    const entry = kept(await startEntry(entryAt(1)));
    for (let i = 0; i < 5; i++) await askFor(entry, 'http://other.example/');
    expect(entry.log.warnings().filter((each) => each === 'A call was denied.')).toHaveLength(1);
    expect(await entry.audited(5)).toHaveLength(5);
  });

  it.each([
    ['http://127.0.0.1/', 403],
    ['http://169.254.169.254/latest/meta-data/', 403],
    ['http://[::1]/', 403],
    ['http://[::ffff:169.254.169.254]/', 403],
    ['http://localhost/', 403],
    ['http://api.example.com@other.example/', 400],
    ['http://other.example@api.example.com/', 400],
    ['http://2130706433/', 400],
    ['http://0x7f.1/', 400],
    ['http://0177.0.0.1/', 400],
    ['http://127.1/', 400],
    ['http://api.example.com.other.example/', 403],
    ['http://example.com/', 403],
    ['ftp://api.example.com/', 400],
    ['https://api.example.com:80/', 403],
  ])('asks for %s: %i', async (target, status) => {
    const origin = await plainOrigin();
    const entry = kept(
      await startEntry(entryAt(origin.port).replace('127.0.0.0/8', '127.9.0.0/16')),
    );
    const host = target.replace(/^\w+:\/\//, '').replace(/\/.*$/, '');
    const answer = await ask(entry.port, { path: target, headers: { host } });
    expect(answer.status).toBe(status);
  });

  it('asks with two hosts', async () => {
    const origin = await plainOrigin();
    const entry = kept(await startEntry(entryAt(origin.port)));
    const answer = await ask(entry.port, {
      path: 'http://api.example.com/',
      headers: { host: 'other.example' },
    });
    expect([400, 403]).toContain(answer.status);
  });
});

describe('addresses of names', () => {
  it('that are private and not named are denied, whatever the name', async () => {
    const origin = await plainOrigin();
    const rules = entryAt(origin.port).replace('127.0.0.0/8', '0.0.0.0/0');
    const entry = kept(await startEntry(rules));
    const answer = await askFor(entry, 'http://api.example.com/');
    expect(answer.status).toBe(403);
    expect(answer.body).toContain('(private): 127.0.0.1 is of a private network');
  });

  it('are those that were checked, though the name has another one a moment later', async () => {
    const origin = await plainOrigin();
    let asked = 0;
    const entry = kept(
      await startEntry(entryAt(origin.port).replace('127.0.0.0/8', '127.0.0.1'), {
        // Rebinding: the first answer is fine, every later one is the machine's own service.
        lookup: () => Promise.resolve([asked++ === 0 ? '127.0.0.1' : '127.0.0.99']),
        options: { dns_cache: '1ms' },
      }),
    );
    expect((await askFor(entry, 'http://api.example.com/')).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await askFor(entry, 'http://api.example.com/');
    expect(second.status).toBe(403);
    expect(second.body).toContain('127.0.0.99');
  });

  it('are as if they were not in the answer where they are denied, and others are', async () => {
    const origin = await plainOrigin();
    const rules = entryAt(origin.port).replace('127.0.0.0/8', '127.0.0.1');
    const entry = kept(
      await startEntry(rules, { names: { 'api.example.com': ['10.0.0.1', '127.0.0.1'] } }),
    );
    for (let i = 0; i < 3; i++)
      expect((await askFor(entry, 'http://api.example.com/')).status).toBe(200);
  });

  it('that nobody knows are a 502', async () => {
    const entry = kept(
      await startEntry(entryAt(80), {
        lookup: () => Promise.reject(Object.assign(new Error(''), { code: 'ENOTFOUND' })),
      }),
    );
    const answer = await askFor(entry, 'http://api.example.com/');
    expect(answer.status).toBe(502);
    expect(answer.body).toContain('api.example.com could not be looked up (ENOTFOUND)');
  });

  it('are not asked for with STATIC', async () => {
    const [one, other] = [await plainOrigin('one'), await plainOrigin('other')];
    const entry = kept(
      await startEntry(`
entries:
- hosts: ["*.example.com"]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints:
  - {address: 127.0.0.1, ports: {http: ${one.port}}, weight: 3}
  - {address: 127.0.0.1, ports: {http: ${other.port}}}
`),
    );
    const names: string[] = [];
    for (let i = 0; i < 8; i++) {
      const { body } = await askFor(entry, 'http://any.example.com/');
      names.push((JSON.parse(body) as { name: string }).name);
    }
    expect(names.filter((name) => name === 'one')).toHaveLength(6);
    expect(entry.lookedUp).toEqual([]);
    expect(
      entry.metrics.of('sluice_egress_endpoint_calls_total', '*.example.com', '127.0.0.1', '2xx'),
    ).toBe(8);
  });

  it('of an endpoint that does not answer are passed over', async () => {
    const [one, other] = [await plainOrigin('one'), await plainOrigin('other')];
    const entry = kept(
      await startEntry(`
entries:
- hosts: [api.example.com]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  endpoints:
  - {address: 127.0.0.1, ports: {http: ${one.port}}}
  - {address: 127.0.0.1, ports: {http: ${other.port}}}
`),
    );
    await one.stop();
    stops.splice(0, 1);
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++)
      statuses.push((await askFor(entry, 'http://api.example.com/')).status);
    expect(statuses.filter((status) => status === 502)).toHaveLength(1);
    expect(entry.log.warnings()).toContain('An endpoint is passed over.');
    expect(entry.metrics.of('sluice_egress_ejections_total', 'api.example.com')).toBe(1);
  });
});

describe('TLS that begins here', () => {
  const tlsEntry = (port: number, tls: string): string => entryAt(port, `  tls: ${tls}\n`);

  it('is seen by the origin, with the SNI of the host, and the certificate is verified', async () => {
    const origin = kept(
      await startTlsOrigin(
        { key: certificates.key, cert: certificates.cert },
        (request, response) =>
          response.end(`${request.headers.host} ${'encrypted' in request.socket}`),
      ),
    );
    const rules = tlsEntry(origin.port, '{mode: SIMPLE, caCertificates: ca.pem}');
    const entry = kept(await startEntry(rules, { files: { 'ca.pem': certificates.ca } }));
    const answer = await askFor(entry, 'http://api.example.com/');
    expect(answer).toMatchObject({ status: 200, body: 'api.example.com true' });
    expect(origin.asked).toEqual(['api.example.com']);
  });

  it('shows a client certificate with MUTUAL', async () => {
    const { key, cert, ca } = certificates;
    const origin = kept(
      await startTlsOrigin(
        { key, cert, ca, requestCert: true, rejectUnauthorized: true },
        (request, response) => {
          const { socket } = request;
          response.end(socket instanceof TLSSocket ? socket.getPeerCertificate().subject.CN : '');
        },
      ),
    );
    const mutual =
      '{mode: MUTUAL, caCertificates: ca.pem, clientCertificate: c.pem, privateKey: k.pem}';
    const files = { 'ca.pem': ca, 'c.pem': cert, 'k.pem': key };
    const entry = kept(await startEntry(tlsEntry(origin.port, mutual), { files }));
    expect(await askFor(entry, 'http://api.example.com/')).toMatchObject({
      status: 200,
      body: 'sluice-test',
    });
    await entry.rule(tlsEntry(origin.port, '{mode: SIMPLE, caCertificates: ca.pem}'));
    expect((await askFor(entry, 'http://api.example.com/')).status).toBe(502);
  });

  it.each([
    ['another authority', '{mode: SIMPLE, caCertificates: other.pem}'],
    ['no authority', '{mode: SIMPLE}'],
    ['another SNI', '{mode: SIMPLE, caCertificates: ca.pem, sni: other.example}'],
    [
      'other names',
      '{mode: SIMPLE, caCertificates: ca.pem, subjectAltNames: [other.example, "spiffe://x"]}',
    ],
  ])('refuses a certificate of %s with a 502 and the reason', async (_, tls) => {
    let requests = 0;
    const origin = kept(
      await startTlsOrigin({ key: certificates.key, cert: certificates.cert }, (__, response) => {
        requests += 1;
        response.end();
      }),
    );
    const files = { 'ca.pem': certificates.ca, 'other.pem': others.ca };
    const entry = kept(await startEntry(tlsEntry(origin.port, tls), { files }));
    const answer = await askFor(entry, 'http://api.example.com/');
    expect(answer.status).toBe(502);
    expect(answer.body).toMatch(/certificate/i);
    expect((await entry.exchange()).error).toMatchObject({ kind: 'tls' });
    expect(requests).toBe(0);
  });

  it('takes one of the names that are wanted in place of the host', async () => {
    const origin = kept(
      await startTlsOrigin({ key: certificates.key, cert: certificates.cert }, (_, response) =>
        response.end(),
      ),
    );
    const tls =
      '{mode: SIMPLE, caCertificates: ca.pem, sni: front.example, subjectAltNames: [api.example.com]}';
    const files = { 'ca.pem': certificates.ca };
    const entry = kept(await startEntry(tlsEntry(origin.port, tls), { files }));
    expect((await askFor(entry, 'http://api.example.com/')).status).toBe(200);
    expect(origin.asked).toEqual(['front.example']);
  });
});

describe('rules', () => {
  it('are read again; those that are wrong leave the old ones, and say so', async () => {
    const origin = await plainOrigin();
    const entry = kept(await startEntry(entryAt(origin.port)));
    await expect(entry.rule('entries: [{hosts: []}]')).rejects.toThrow('at least one name');
    expect((await askFor(entry, 'http://api.example.com/')).status).toBe(200);
    expect(entry.log.warnings()).toContain('The entries are wrong; those from before still count.');
    await entry.rule(entryAt(origin.port).replace('api.example.com', 'new.example.com'));
    expect((await askFor(entry, 'http://api.example.com/')).status).toBe(403);
    expect((await askFor(entry, 'http://new.example.com/')).status).toBe(200);
    expect(entry.metrics.of('sluice_egress_reloads_total', 'taken')).toBe(1);
    expect(entry.metrics.of('sluice_egress_reloads_total', 'refused')).toBe(1);
  });

  it('that are wrong at the start are told with file and line', async () => {
    await expect(startEntry('entries:\n- hosts: [a.example]\n  ports: [7]\n')).rejects.toThrow(
      /entries\.yaml:3:\d+: entries\[0\]\.ports\[0\]: found a number, expected a port/,
    );
    await expect(
      startEntry(entryAt(80, '  tls: {mode: MUTUAL, clientCertificate: c, privateKey: k}\n')),
    ).rejects.toThrow('the file cannot be read');
  });

  it('let a network be called where one is allowed, and no entry has the host', async () => {
    const origin = await plainOrigin();
    const entry = kept(
      await startEntry(
        'trafficPolicy: Allow\nnetworks: [{cidr: 127.0.0.0/8, except: [127.0.0.9]}]',
      ),
    );
    const url = `http://anybody.example:${origin.port}/`;
    expect((await askFor(entry, url)).status).toBe(200);
    expect((await askFor(entry, `http://127.0.0.9:${origin.port}/`)).status).toBe(403);
  });
});

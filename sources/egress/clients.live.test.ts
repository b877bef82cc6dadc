/** Clients as people have them, told of the entry by the variables that they all know: curl, Python's requests, Node's undici. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { fetch, ProxyAgent, WebSocket } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../test/services/certificates.ts';
import { needProgram } from '../../test/services/debian.ts';
import { whyUnavailable } from '../../test/services/process.ts';
import { needPythonRequests } from '../../test/services/python-requests.ts';
import { listen, startOrigin } from '../shared/relay/relay.testing.ts';
import { type EgressUnderTest, startEntry, startTlsOrigin } from './egress.testing.ts';

const run = promisify(execFile);
const noCurl = await whyUnavailable(() => needProgram('curl', ['curl']));
const noPython = await whyUnavailable(needPythonRequests);
const cleanups: (() => unknown)[] = [];
let entry: EgressUnderTest;
let certificates: Certificates;

beforeAll(async () => {
  certificates = await makeCertificates({ names: ['secure.example.com'] });
  const plain = await startOrigin((request, response) => response.end(`plain ${request.url}`));
  const secured = await startTlsOrigin(
    { key: certificates.key, cert: certificates.cert },
    (request, response) => response.end(`secured ${request.url}`),
  );
  const talking = createServer().on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    // Texts of less than 126 bytes, masked by the client, come back without the mask (RFC 6455, 5).
    socket.on('data', (frame: Buffer) => {
      if ((frame[0] ?? 0) !== 0x81) return void socket.end();
      const length = (frame[1] ?? 0) & 0x7f;
      const text = frame.subarray(6, 6 + length).map((byte, i) => byte ^ (frame[2 + (i % 4)] ?? 0));
      socket.write(Buffer.concat([Buffer.from([0x81, length]), text]));
    });
    socket.on('error', () => undefined);
  });
  const talkingPort = await listen(talking);
  entry = await startEntry(
    `
entries:
- {name: plain, hosts: [plain.example.com], addresses: [127.0.0.1], ports: [{number: 80, protocol: HTTP, targetPort: ${plain.port}}]}
- {name: talking, hosts: [talking.example.com], addresses: [127.0.0.1], ports: [{number: 80, protocol: HTTP, targetPort: ${talkingPort}}]}
- name: secured
  hosts: [secure.example.com]
  addresses: [127.0.0.1]
  ports: [{number: 443, protocol: HTTPS, targetPort: ${secured.port}}, {number: 80, protocol: HTTP, targetPort: ${secured.port}}]
  tls: {mode: SIMPLE, caCertificates: ca.pem}
`,
    { files: { 'ca.pem': certificates.ca } },
  );
  cleanups.push(
    () => entry.stop(),
    () => plain.stop(),
    () => secured.stop(),
    () => talking.closeAllConnections(),
    () => talking.close(),
  );
});

afterAll(async () => {
  for (const clean of cleanups) await clean();
});

const variables = () => ({
  PATH: process.env['PATH'] ?? '',
  http_proxy: entry.url,
  https_proxy: entry.url,
  no_proxy: '',
});

it('the clients are there', ({ skip }) => {
  const missing = noCurl ?? noPython;
  if (missing !== undefined) skip(missing);
});

describe.skipIf(noCurl !== undefined)('curl', () => {
  const curl = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run('curl', ['-sS', '-w', ' %{http_code}', ...args], {
      env: variables(),
    });
    return stdout;
  };

  it('calls an entry', async () => {
    expect(await curl('http://plain.example.com/a?b')).toBe('plain /a?b 200');
  });

  it('calls an entry over TLS that begins there, and over its own', async () => {
    expect(await curl('http://secure.example.com/')).toBe('secured / 200');
    const own = await curl('--cacert', certificates.caFile, 'https://secure.example.com/');
    expect(own).toBe('secured / 200');
  });

  it('is denied', async () => {
    expect(await curl('http://other.example.com/')).toContain(
      '(host): no entry has other.example.com',
    );
    await expect(curl('https://other.example.com/')).rejects.toThrow('403');
  });

  it('is denied whatever the form of the host', async () => {
    for (const host of [
      '2130706434',
      '0x7f.2',
      '127.2',
      '[::1]',
      '169.254.169.254',
      'plain.example.com.evil.example',
    ])
      expect(await curl('-g', `http://${host}/`)).toMatch(/ (?:400|403)$/);
  });

  it('cannot call somebody else with another Host header', async () => {
    expect(await curl('-H', 'Host: other.example.com', 'http://plain.example.com/')).toMatch(
      / (?:400|403)$/,
    );
  });
});

it.skipIf(noPython !== undefined)('Python’s requests calls, and is denied', async () => {
  const python = await needPythonRequests();
  const script = `
import requests
print(requests.get('http://plain.example.com/p').text)
print(requests.post('http://secure.example.com/q', data='x').text)
print(requests.get('https://secure.example.com/r', verify=${JSON.stringify(certificates.caFile)}).text)
print(requests.get('http://other.example.com/').status_code)
try:
    requests.get('https://other.example.com/')
except requests.exceptions.ProxyError as error:
    print('denied', '403' in str(error))
`;
  const { stdout } = await run(python, ['-c', script], { env: variables() });
  expect(stdout.trim().split('\n')).toEqual([
    ...['plain /p', 'secured /q', 'secured /r', '403', 'denied True'],
  ]);
});

describe('Node', () => {
  const through = () => new ProxyAgent({ uri: entry.url, requestTls: { ca: certificates.ca } });

  it('calls, in tunnels that are looked into where they are HTTP', async () => {
    const dispatcher = through();
    const plain = await fetch('http://plain.example.com/n', { dispatcher });
    expect(await plain.text()).toBe('plain /n');
    const own = await fetch('https://secure.example.com/', { dispatcher });
    expect(await own.text()).toBe('secured /');
    const exchange = await entry.exchange(({ request }) => request.target === '/n');
    expect(exchange).toMatchObject({ isOpaque: false, call: { apiId: 'plain' } });
    await dispatcher.close();
  });

  it('talks over a WebSocket', async () => {
    const dispatcher = through();
    const socket = new WebSocket('ws://talking.example.com/', { dispatcher });
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const answer = new Promise((resolve) =>
      socket.addEventListener('message', ({ data }) => resolve(data)),
    );
    socket.send('hello');
    expect(await answer).toBe('hello');
    const closed = new Promise((resolve) => socket.addEventListener('close', resolve));
    socket.close();
    await closed;
    const exchange = await entry.exchange(({ call }) => call.apiId === 'talking');
    expect(exchange.response?.status).toBe(101);
    await dispatcher.destroy();
  });
});

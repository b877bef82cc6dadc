import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { stoppedAfterEach } from '../../test/e2e/ends.ts';
import { speak, startOrigin, startRawOrigin } from '../shared/relay/relay.testing.ts';
import { clientHello } from '../shared/tls/client-hello.testing.ts';
import {
  closeTunnels,
  type ForwardUnderTest,
  openTunnel,
  startForward,
  startTlsOrigin,
  type TestAuthority,
  testAuthority,
} from './forward.testing.ts';

let ours: TestAuthority;
let theirs: TestAuthority;

beforeAll(async () => {
  [ours, theirs] = await Promise.all([testAuthority(), testAuthority()]);
});

afterAll(() => Promise.all([ours.remove(), theirs.remove()]));

const kept = stoppedAfterEach();
// Before what they go through is stopped: of hooks, the last one declared runs first.
afterEach(closeTunnels);

const proxy = async (raw = {}): Promise<ForwardUnderTest> => kept(await startForward(raw));

const looking = (more = {}): object => ({
  mitm: true,
  ca_file: ours.file,
  origin_ca_file: theirs.certFile,
  ...more,
});

describe('what a client begins with', () => {
  it('is survived, whatever it is: changed, cut off, or no TLS at all', async () => {
    const hello = await clientHello({ servername: 'localhost' });
    const origin = kept(await startRawOrigin((socket) => socket.end()));
    const under = await proxy(looking({ first_bytes_timeout: '20ms', handshake_timeout: '200ms' }));
    const changes = fc.array(fc.tuple(fc.nat(hello.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(hello.length), async (some, end) => {
        const bytes = Buffer.from(hello);
        for (const [at, value] of some) bytes[at] = value;
        const { socket, line } = await openTunnel(under.port, `localhost:${origin.port}`);
        expect(line).toMatch(/ 200 /);
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.resume();
        socket.end(bytes.subarray(0, end));
        await closed;
      }),
      { numRuns: 60 },
    );
    const failures = under.log.lines.filter(({ level }) => level === 'error');
    expect(failures).toEqual([]);
    expect(under.metrics.of('datakit_input_proxy_connect_total', '127.0.0.1')).toBe(60);
  });

  it('may come in any number of packets', async () => {
    const origin = kept(await startTlsOrigin(theirs, (_, response) => response.end('hello')));
    const under = await proxy(looking());
    const { socket } = await openTunnel(under.port, `localhost:${origin.port}`);
    socket.setNoDelay(true);
    const slow = new Duplex({
      read: () => socket.resume(),
      write(chunk: Buffer, _, done) {
        for (let at = 0; at < chunk.length; at += 7) socket.write(chunk.subarray(at, at + 7));
        done();
      },
    });
    socket.on('data', (chunk: Buffer) => slow.push(chunk));
    socket.on('end', () => slow.push(null));
    const tls = connectTls({ socket: slow, servername: 'localhost', ca: ours.pem });
    await once(tls, 'secureConnect');
    tls.write(`GET / HTTP/1.1\r\nHost: localhost:${origin.port}\r\nConnection: close\r\n\r\n`);
    expect(await text(tls)).toContain('hello');
  });
});

describe('bounds', () => {
  it('of a handshake: one that stands still is given up', async () => {
    const hello = await clientHello({ servername: 'localhost' });
    const under = await proxy(looking({ handshake_timeout: '100ms' }));
    const { socket } = await openTunnel(under.port, 'localhost:443');
    socket.resume();
    socket.write(hello);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await under.exchange()).toMatchObject({ error: { kind: 'tls' } });
    const failed = 'sluice_capture_handshakes_failed_total';
    expect(under.metrics.of(failed, 'localhost', 'handshake')).toBe(1);
  });

  it('of an answer: an origin that is silent is a 504', async () => {
    const origin = kept(await startOrigin(() => undefined));
    const { port } = await proxy({ answer_timeout: '100ms' });
    const host = `127.0.0.1:${origin.port}`;
    const said = await speak(
      port,
      `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
    );
    expect(said).toMatch(/^HTTP\/1\.1 504 /);
  });

  it('of connections: those beyond are closed at once', async () => {
    const origin = kept(await startRawOrigin(() => undefined));
    const { port } = await proxy({ max_connections: 1 });
    await openTunnel(port, `127.0.0.1:${origin.port}`);
    const second = connect(port, '127.0.0.1');
    second.on('error', () => undefined);
    await new Promise((resolve) => second.once('close', resolve));
  });
});

describe('what is shown', () => {
  it('of each tunnel and request is a line where verbose asks for it, without secrets', async () => {
    const origin = kept(await startOrigin((_, response) => response.end('hello')));
    const host = `127.0.0.1:${origin.port}`;
    const credentials = 'Authorization: Bearer hunter2\r\nConnection: close\r\n';
    const ask = `GET http://${host}/path?token=hunter2 HTTP/1.1\r\nHost: ${host}\r\n${credentials}\r\n`;
    const [loud, quiet] = [await proxy({ verbose: true }), await proxy()];
    for (const { port } of [loud, quiet]) {
      await speak(port, ask);
      const { socket } = await openTunnel(port, host);
      socket.destroy();
    }
    await vi.waitFor(() => expect(loud.log.lines).toHaveLength(2));
    expect(loud.log.lines.map(({ message }) => message)).toEqual([
      'A request has ended.',
      'A tunnel has ended.',
    ]);
    expect(loud.log.text()).not.toContain('hunter2');
    expect(quiet.log.lines).toEqual([]);
  });

  it('of paths and clients in metrics is bounded', async () => {
    const origin = kept(await startOrigin((_, response) => response.end()));
    const host = `127.0.0.1:${origin.port}`;
    const { port, metrics } = await proxy();
    const socket = connect(port, '127.0.0.1');
    socket.resume();
    for (let at = 0; at < 260; at++)
      socket.write(`GET http://${host}/${word(at)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const api = 'datakit_input_proxy_api_total';
    await vi.waitFor(() => expect(metrics.of(api, 'other', 'GET')).toBe(60), { timeout: 10_000 });
    expect([...metrics.totals.keys()].filter((key) => key.startsWith(api))).toHaveLength(201);
    socket.destroy();
  });
});

/** A path that nothing folds. */
const word = (at: number): string =>
  String(at).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Nginx, needNginx, startNginx } from '../../../test/services/nginx.ts';
import { whyUnavailable } from '../../../test/services/process.ts';
import { forwardTo, type RelayUnderTest, startRelay, upstreamAt } from './relay.testing.ts';
import { refused, rewritten } from './smuggling.testing.ts';

const obstacle = await whyUnavailable(needNginx);

/** Sends bytes as they are; resolves to what came back until the other side ended, or was silent for a while. */
async function attack(port: number, bytes: string): Promise<{ said: string; isEnded: boolean }> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    let said = '';
    const settle = (isEnded: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ said, isEnded });
    };
    // What is refused ends at once. What is served keeps its connection, which nobody could wait for.
    const timer = setTimeout(() => settle(false), 1500);
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
      if (/^HTTP\/1\.1 2/m.test(said)) setTimeout(() => settle(socket.readableEnded), 100);
    });
    socket.on('end', () => settle(true));
    socket.on('error', () => settle(true));
    socket.write(Buffer.from(bytes, 'latin1'));
  });
}

describe.skipIf(obstacle !== undefined)('with nginx behind it', () => {
  let nginx: Nginx;
  let relay: RelayUnderTest;
  beforeAll(async () => {
    nginx = await startNginx({
      // It reads each body whole before it answers, as an application does.
      server: `location / { return 204; } location = /first { proxy_pass http://127.0.0.1:$server_port/done; }`,
    });
    relay = await startRelay({ decide: forwardTo(upstreamAt(nginx.port)) });
  });
  afterAll(async () => {
    await relay.stop();
    await nginx.stop();
  });

  const reached = async (): Promise<readonly string[]> =>
    (await nginx.requests()).filter((line) => !line.endsWith(' /done'));

  test.each(Object.entries(refused))(
    '%s: refused, closed, and nothing is sent on',
    async (_, bytes) => {
      const before = (await reached()).length;
      const { said, isEnded } = await attack(relay.port, bytes);
      const mayHaveServed = bytes.includes('Connection: close');
      expect(said).toMatch(/^HTTP\/1\.1 (400|417) /);
      expect(said).toContain('\r\nConnection: close\r\n');
      expect(isEnded).toBe(true);
      await attack(relay.port, 'GET /after HTTP/1.1\r\nHost: a\r\n\r\n');
      const lines = (await reached()).slice(before);
      expect(lines.filter((line) => line.includes('smuggled'))).toEqual([]);
      expect(lines.at(-1)).toBe('GET /after');
      if (!mayHaveServed && !bytes.includes('chunked\r\n\r\n'))
        expect(lines).toEqual(['GET /after']);
    },
  );

  test.each(Object.entries(rewritten))('%s: one request, whatever it hides', async (_, bytes) => {
    const before = (await reached()).length;
    await attack(relay.port, bytes);
    await attack(relay.port, 'GET /after HTTP/1.1\r\nHost: a\r\n\r\n');
    expect((await reached()).slice(before)).toEqual([
      `${bytes.slice(0, bytes.indexOf(' '))} /first`,
      'GET /after',
    ]);
  });

  test('each refusal is counted with its reason', () => {
    const reasons = [...relay.metrics.totals]
      .filter(([name]) => name.startsWith('sluice_capture_refused_total'))
      .map(([name, count]) => [name.split(' ').at(-1), count] as const);
    const sum = reasons.reduce((total, [, count]) => total + count, 0);
    expect(sum).toBe(Object.keys(refused).length);
    expect(reasons.map(([reason]) => reason).sort()).toEqual(
      [...new Set(reasons.map(([reason]) => reason))].sort(),
    );
  });
});

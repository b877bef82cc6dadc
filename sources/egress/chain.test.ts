import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { stoppedAfterEach } from '../../test/e2e/ends.ts';
import {
  closeTunnels,
  openTunnel,
  secure,
  startForward,
  startTlsOrigin,
  type TestAuthority,
  testAuthority,
} from '../forward/forward.testing.ts';
import { startOrigin } from '../shared/relay/relay.testing.ts';
import { allOf, askFor, startEntry } from './egress.testing.ts';

let ours: TestAuthority;
let theirs: TestAuthority;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([testAuthority(), testAuthority()]);
});
afterAll(() => Promise.all([ours.remove(), theirs.remove()]));

const kept = stoppedAfterEach();
// Before what they go through is stopped: of hooks, the last one declared runs first.
afterEach(closeTunnels);

it('a forward proxy before it sends its requests through it', async () => {
  const origin = kept(await startOrigin((request, response) => response.end(request.url)));
  const entry = kept(
    await startEntry(
      `entries: [{name: api, hosts: [api.example.com], addresses: [127.0.0.1], ports: [{number: 80, protocol: HTTP, targetPort: ${origin.port}}]}]`,
    ),
  );
  const forward = kept(await startForward({ upstream_proxy: entry.url }));
  expect(await askFor(forward, 'http://api.example.com/a')).toMatchObject({
    status: 200,
    body: '/a',
  });
  expect(await entry.exchange(({ request }) => request.target.endsWith('/a'))).toMatchObject({
    call: { apiId: 'api' },
  });
  const denied = await askFor(forward, 'http://other.example/');
  expect(denied.status).toBe(403);
  expect(entry.metrics.of('sluice_egress_denied_total', '', 'host', 'connect')).toBe(1);
});

it('a forward proxy that looks into TLS shows what the entry passes through', async () => {
  const origin = kept(
    await startTlsOrigin(theirs, (request, response) => response.end(request.url)),
  );
  const entry = kept(
    await startEntry(
      `entries: [{name: api, hosts: [api.example.com], addresses: [127.0.0.1], ports: [{number: 443, protocol: HTTPS, targetPort: ${origin.port}}]}]`,
    ),
  );
  const forward = kept(
    await startForward({
      ...{ mitm: true, ca_file: ours.file, origin_ca_file: theirs.certFile },
      upstream_proxy: entry.url,
    }),
  );
  const { socket } = await openTunnel(forward.port, 'api.example.com:443');
  const tls = await secure(socket, { servername: 'api.example.com', ca: ours.pem });
  tls.write('GET /inside HTTP/1.1\r\nHost: api.example.com\r\nConnection: close\r\n\r\n');
  expect((await allOf(tls)).toString()).toContain('/inside');
  tls.destroy();
  expect(await forward.exchange()).toMatchObject({ isOpaque: false });
  expect(origin.asked).toEqual(['api.example.com']);
  await forward.stop();
  expect(await entry.exchange()).toMatchObject({ isOpaque: true, call: { apiId: 'api' } });
});

import { connect } from 'node:net';
import * as vitest from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import {
  aBatch,
  aPreparedPump,
  deliverOnce,
  failureOf,
  outcomesOf,
  type SinkHarness,
  sinkContract,
} from '#pump/testing';
import { until, whyUnavailable } from '../../test/services/process.ts';
import {
  needRsyslog,
  type RsyslogServer,
  type SyslogMessage,
  startRsyslog,
} from '../../test/services/rsyslog.ts';
import syslog from './index.ts';
import { impatient, startReceiver } from './receiver.testing.ts';

const obstacle = await whyUnavailable(needRsyslog);

const deliver = (meta: object, batch: Batch) => deliverOnce(aPreparedPump(syslog, meta), batch);

describe.skipIf(obstacle !== undefined)('rsyslog', () => {
  let server: RsyslogServer;
  let marks = 0;

  beforeAll(async () => {
    server = await startRsyslog();
  });
  afterAll(() => server.stop());

  const transports = ['udp', 'tcp', 'tls'] as const;
  const metaOf = (transport: (typeof transports)[number], more: object = {}) => ({
    ...{
      transport,
      network_addr: `127.0.0.1:${server[transport]}`,
      log_level: 134,
      tag: 'gateway',
    },
    ...(transport === 'tls'
      ? {
          ssl_ca_file: server.certificates.caFile,
          ssl_cert_file: server.certificates.certFile,
          ssl_key_file: server.certificates.keyFile,
        }
      : {}),
    ...more,
  });

  const aMark = (): string => `mark-${(marks += 1)}-`;

  /** The messages with this mark, once there are as many. */
  async function arrived(mark: string, count: number): Promise<readonly SyslogMessage[]> {
    let found: readonly SyslogMessage[] = [];
    await until(`${count} messages have come`, async () => {
      found = (await server.messages()).filter(({ rawmsg }) => rawmsg.includes(mark));
      return found.length >= count;
    });
    return found;
  }

  describe.each([
    ['tcp', {}],
    ['tcp', { framing: 'octet-counting', format: 'json' }],
    ['tls', {}],
    ['tls', { framing: 'newline', format: 'rfc5424' }],
  ] as const)('over %s with %j', (transport, more) => {
    sinkContract(vitest, 'syslog', () =>
      aProxiedHarness(server, transport, metaOf(transport, more)),
    );
  });

  describe.each(transports)('over %s', (transport) => {
    it('takes Tyk’s text apart as head and message', async () => {
      const mark = aMark();

      const verdicts = await deliver(metaOf(transport), aBatch(20, { path: `/${mark}` }));

      expect(new Set(outcomesOf(verdicts))).toEqual(new Set(['delivered']));
      const [message] = await arrived(mark, 20);
      expect(message).toMatchObject({
        ...{
          pri: '134',
          programname: 'gateway',
          syslogtag: 'gateway[4711]:',
          inputname: transport,
        },
      });
      expect(message?.msg).toMatch(/^ map\[alias: api_id:api-pets .*path:\/mark.* user_agent:\]$/);
    });

    it('takes RFC 5424 apart', async () => {
      const mark = aMark();
      const meta = metaOf(transport, { format: 'rfc5424' });
      const timestamp = { seconds: 1_710_109_320, nanos: 117_123_456 };

      await deliver(meta, aBatch(2, { path: `/${mark}`, api_name: 'a "b" ]\\', timestamp }));

      const [message] = await arrived(mark, 2);
      expect(message).toMatchObject({
        ...{ 'app-name': 'gateway', procid: '4711', pri: '134' },
        timereported: '2024-03-10T22:22:00.117123Z',
        msg: `GET /${mark} 200`,
      });
      expect(message?.['structured-data']).toContain('api_name="a \\"b\\" \\]\\\\"');
    });

    it('takes JSON with awkward texts, one message each', async () => {
      const mark = aMark();
      const meta = metaOf(transport, { format: 'json' });
      const awkward = `/${mark}\n<13>forged "ü" 🐶`;

      await deliver(meta, aBatch(3, { path: awkward }));

      const messages = await arrived(mark, 3);
      expect(messages).toHaveLength(3);
      expect(JSON.parse(messages[0]?.msg ?? '')).toMatchObject({
        ...{ path: awkward, response_code: 200, timestamp: '2024-03-10T22:22:00Z' },
      });
    });
  });

  it.each([
    ['tcp', {}],
    ['tcp', { framing: 'octet-counting' }],
    ['tls', {}],
  ] as const)('lets no path forge a message, over %s with %j', async (transport, more) => {
    const mark = aMark();
    const forged = `/${mark}\n<13>2024-03-10T22:22:00Z host1 forged[1]: ${mark}`;

    await deliver(metaOf(transport, more), aBatch(2, { path: forged }));

    const messages = await arrived(mark, 2);
    expect(messages.map(({ programname }) => programname)).toEqual(['gateway', 'gateway']);
  });

  it('takes a large message over TCP', async () => {
    const mark = aMark();

    await deliver(metaOf('tcp'), aBatch(1, { path: `/${mark}`, raw_request: 'x'.repeat(100_000) }));

    const [message] = await arrived(mark, 1);
    expect(message?.rawmsg.length).toBeGreaterThan(100_000);
  });

  it.each([
    ['no client certificate', { ssl_cert_file: '', ssl_key_file: '' }, 'unreachable'],
    ['an authority nobody trusts', { ssl_ca_file: '' }, 'unexpected'],
    ['a name that is not its own', { ssl_server_name: 'other.example.com' }, 'unexpected'],
  ])('keeps the records with %s', async (_, more, kind) => {
    const verdicts = await deliver(metaOf('tls', more), aBatch(1));

    expect(outcomesOf(verdicts)).toEqual(['retry']);
    expect(failureOf(verdicts[0]).kind).toBe(kind);
  });

  it('accepts any certificate where it is told to', async () => {
    const mark = aMark();
    const meta = metaOf('tls', { ssl_ca_file: '', ssl_insecure_skip_verify: true });

    await deliver(meta, aBatch(1, { path: `/${mark}` }));

    expect(await arrived(mark, 1)).toHaveLength(1);
  });
});

it('the real server is there', ({ skip }) => {
  if (obstacle !== undefined) skip(obstacle);
});

/** rsyslog behind a proxy, which can go away and come back. A receiver that hangs still has its system's buffers. */
async function aProxiedHarness(
  server: RsyslogServer,
  transport: 'tcp' | 'tls',
  meta: object,
): Promise<SinkHarness> {
  const proxy = await startReceiver((near) => {
    const far = connect(server[transport], '127.0.0.1');
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroySoon());
    near.pipe(far).pipe(near);
  });
  return {
    context: impatient,
    pump: aPreparedPump(syslog, { ...meta, network_addr: `127.0.0.1:${proxy.port}` }),
    received: () => settledMessages(server),
    break: () => proxy.close(),
    restore: () => proxy.listen(),
    stop: () => proxy.close(),
  };
}

/** Once nothing more comes for a moment. */
async function settledMessages(server: RsyslogServer): Promise<readonly string[]> {
  let before = -1;
  let messages: readonly SyslogMessage[] = [];
  await until('nothing more comes', async () => {
    before = messages.length;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    messages = await server.messages();
    return messages.length === before;
  });
  return messages.map(({ rawmsg }) => rawmsg);
}

import { describe, expect, it } from 'vitest';
import type { OptionSet } from '../../config/options/option.ts';
import { bytes, seconds } from '../../lib/units.ts';
import { definePump, type PumpDefinition } from '../../pump/define-pump.ts';
import { Delivery } from '../../pump/delivery.ts';
import type { Health, Sink } from '../../pump/sink.ts';
import { delivered } from '../../pump/verdict.ts';
import type { RedisClient } from '../../redis/client.ts';
import { aConfig, aContext, aLoaded, aProblem, aPumpEntry, type FakeContext } from '../testing.ts';
import { type ValidateTools, validate } from './validate.ts';

const flags = { help: false, conf: 'pump.conf', strict: false, connect: false, json: false };
const up: Health = { state: 'up' };

const aSink = (check: Sink['check']): Sink => ({
  deliver: (batch) => Promise.resolve(Delivery.whole(batch, delivered())),
  check,
  close: () => Promise.resolve(),
});

const aPump = (overrides: Partial<PumpDefinition<OptionSet>> = {}) =>
  definePump<OptionSet>({
    type: 'fake',
    title: 'Fake Pump',
    summary: 'Takes everything.',
    options: {},
    limits: { records: 10, bytes: bytes(1_000), age: seconds(1), inFlight: 1 },
    repeats: 'harmless',
    guarantee: 'at-least-once',
    open: () => Promise.resolve(aSink(() => Promise.resolve(up))),
    ...overrides,
  });

const tools = (overrides: Partial<ValidateTools> = {}): ValidateTools => ({
  findPump: () => Promise.resolve({ outcome: 'found', pump: aPump() }),
  connect: () => Promise.resolve({ client: {} as RedisClient, close: () => Promise.resolve() }),
  askWay: () => Promise.resolve({ kind: 'streams', lacking: [] }),
  findLeaks: () => Promise.resolve([]),
  probeAdmin: () => Promise.resolve(up),
  ...overrides,
});

async function validated(
  said: Partial<typeof flags>,
  context: FakeContext,
  withTools: Partial<ValidateTools> = {},
) {
  const code = await validate(
    { kind: 'validate', flags: { ...flags, ...said } },
    context,
    tools(withTools),
  );
  return { code, lines: context.out().trimEnd().split('\n') };
}

const loading = (loaded: Awaited<ReturnType<FakeContext['load']>>) =>
  aContext({ load: () => Promise.resolve(loaded) });

describe('validate', () => {
  it('says ok where there is nothing to say', async () => {
    expect(await validated({}, aContext())).toEqual({ code: 0, lines: ['ok'] });
  });

  it('prints every problem, a line each', async () => {
    const problems = [aProblem(), aProblem({ key: 'pumps.X.meta.hots', severity: 'warning' })];
    expect(
      await validated({}, loading({ config: undefined, pumps: [], problems, notes: [] })),
    ).toEqual({
      code: 1,
      lines: [
        'error: pump.conf: purge_delay: found text, expected a number',
        'warning: pump.conf: pumps.X.meta.hots: found text, expected a number',
        'not ok: 1 error, 1 warning',
      ],
    });
  });

  it('shows where in the file each of them is', async () => {
    const notes = [{ source: 'pump.conf', key: 'statsd_prefix', text: 'has no effect' }];
    const problems = [aProblem(), aProblem({ source: 'environment', key: 'TYK_PMP_PURGEDELAY' })];
    const locate = (key: string) =>
      key === 'purge_delay'
        ? { line: 2, column: 12, before: '{ "a": 1,\t', after: '"purge_delay": "…"' }
        : { line: 10, column: 1, before: 'x'.repeat(70), after: 'y'.repeat(70) };
    const loaded = { config: undefined, pumps: [], problems, notes, locate };

    expect((await validated({}, loading(loaded))).lines).toEqual([
      'error: pump.conf:2:12: purge_delay: found text, expected a number',
      '  2 | { "a": 1, "purge_delay": "…"',
      '    |           ^',
      'error: environment: TYK_PMP_PURGEDELAY: found text, expected a number',
      'note: pump.conf:10:1: statsd_prefix: has no effect',
      `  10 | …${'x'.repeat(60)}${'y'.repeat(60)}`,
      `     | ${' '.repeat(61)}^`,
      'not ok: 2 errors, 0 warnings',
    ]);
    expect(JSON.parse((await validated({ json: true }, loading(loaded))).lines.join(''))).toEqual({
      ...{ ok: false, errors: 2, warnings: 0 },
      problems: [
        {
          ...{ severity: 'error', source: 'pump.conf', line: 2, column: 12, key: 'purge_delay' },
          ...{ found: 'text', expected: 'a number' },
        },
        {
          ...{ severity: 'error', source: 'environment', key: 'TYK_PMP_PURGEDELAY' },
          ...{ found: 'text', expected: 'a number' },
        },
      ],
      notes: [
        { source: 'pump.conf', line: 10, column: 1, key: 'statsd_prefix', text: 'has no effect' },
      ],
    });
  });

  it('says in JSON what it connected to', async () => {
    const { code, lines } = await validated({ json: true, connect: true }, aContext(), {
      probeAdmin: () => Promise.resolve({ state: 'down', reason: 'in use' }),
    });
    const { ok, connections } = JSON.parse(lines.join('')) as Record<string, unknown>;
    expect([code, lines.length, ok]).toEqual([1, 1, false]);
    expect(connections).toEqual([
      { name: 'redis redis:6379', state: 'up', warnings: [] },
      { name: 'admin server *:8083', state: 'down', reason: 'in use', warnings: [] },
      { name: 'FAKE (fake)', state: 'up', warnings: [] },
    ]);
  });

  it.each([
    [false, 0, 'ok, 1 warning'],
    [true, 1, 'not ok: 0 errors, 1 warning'],
  ])('takes warnings as its flag says (strict: %s)', async (strict, code, last) => {
    const problems = [aProblem({ severity: 'warning' })];
    const context = loading(aLoaded(aConfig(), { problems }));
    const result = await validated({ strict }, context);
    expect([result.code, result.lines.at(-1)]).toEqual([code, last]);
  });

  it('prints notes, which fail nothing', async () => {
    const notes = [{ source: 'pump.conf', key: 'statsd_prefix', text: 'has no effect' }];
    const context = loading(aLoaded(aConfig(), { notes }));
    expect(await validated({ strict: true }, context)).toEqual({
      code: 0,
      lines: ['note: pump.conf: statsd_prefix: has no effect', 'ok'],
    });
  });

  it('asks each pump about its options', async () => {
    const check = () => [
      { key: 'host', found: 'nothing', expected: 'a host', severity: 'error' } as const,
    ];
    const result = await validated({}, aContext(), {
      findPump: () => Promise.resolve({ outcome: 'found', pump: aPump({ check }) }),
    });
    expect(result.lines[0]).toContain('host: found nothing, expected a host');
    expect(result.code).toBe(1);
  });

  it('knows a type that does not exist', async () => {
    const result = await validated({}, aContext(), {
      findPump: () => Promise.resolve({ outcome: 'unknown' }),
    });
    expect(result.lines[0]).toContain('pumps.FAKE.type: found "fake"');
    expect(result.code).toBe(1);
  });

  it('asks the pumps although something else is broken', async () => {
    const check = () => [
      { key: 'host', found: 'nothing', expected: 'a host', severity: 'error' } as const,
    ];
    const loaded = aLoaded(aConfig(), { config: undefined, problems: [aProblem()] });
    const result = await validated({}, loading(loaded), {
      findPump: () => Promise.resolve({ outcome: 'found', pump: aPump({ check }) }),
    });
    expect(result.lines.join()).toContain('host: found nothing');
    expect(result.lines.at(-1)).toContain('2 errors');
  });

  it('warns of what the service warns of at start', async () => {
    const pumps = [aPumpEntry({ ignoreFields: ['api_kee'] })];
    const result = await validated({ strict: true }, loading(aLoaded(aConfig({ pumps }))));
    expect(result.code).toBe(1);
    expect(result.lines[0]).toContain('pumps.FAKE.ignore_fields: found "api_kee"');
  });

  it('reads the certificates of Redis, and names the option of one that is not there', async () => {
    const tls = {
      caFile: '/no/such/ca.pem',
      certFile: '',
      keyFile: '',
      skipVerify: false,
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      serverName: '',
    } as const;
    const redis = { ...aConfig().redis, tls };
    const result = await validated({}, loading(aLoaded(aConfig({ redis }))));
    expect(result.code).toBe(1);
    expect(result.lines[0]).toContain('The file of ssl_ca_file cannot be read (/no/such/ca.pem)');
  });

  it('connects to nothing unless asked to', async () => {
    const connect = () => Promise.reject(new Error('asked'));
    expect((await validated({}, aContext(), { connect })).lines).toEqual(['ok']);
  });
});

describe('validate --connect', () => {
  it('says how Redis and every sink are', async () => {
    const pumps = [aPumpEntry(), aPumpEntry({ name: 'SECOND' })];
    const context = loading(aLoaded(aConfig({ pumps })));
    expect(await validated({ connect: true }, context)).toEqual({
      code: 0,
      lines: [
        'redis redis:6379: up',
        'admin server *:8083: up',
        'FAKE (fake): up',
        'SECOND (fake): up',
        'ok',
      ],
    });
  });

  it('fails where something is down, and goes on with the others', async () => {
    const result = await validated({ connect: true }, aContext(), {
      connect: () => Promise.reject(new Error('refused')),
    });
    expect(result).toEqual({
      code: 1,
      lines: [
        'redis redis:6379: down: refused',
        'admin server *:8083: up',
        'FAKE (fake): up',
        'not ok: 0 errors, 0 warnings, a connection failed',
      ],
    });
  });

  it('takes a sink that cannot tell for one that is not down', async () => {
    const unknown: Health = { state: 'unknown', reason: 'UDP has no answers' };
    const pump = aPump({ open: () => Promise.resolve(aSink(() => Promise.resolve(unknown))) });
    const result = await validated({ connect: true }, aContext(), {
      findPump: () => Promise.resolve({ outcome: 'found', pump }),
    });
    expect([result.code, result.lines[2]]).toEqual([0, 'FAKE (fake): unknown: UDP has no answers']);
  });

  it('fails where the port of the admin server is in use', async () => {
    const reason = 'another program has it';
    const result = await validated({ connect: true }, aContext(), {
      probeAdmin: () => Promise.resolve({ state: 'down', reason }),
    });
    expect([result.code, result.lines[1]]).toEqual([1, `admin server *:8083: down: ${reason}`]);
  });

  it.each([
    ['down', 1, 'FAKE (fake): down: in use: listen EADDRINUSE'],
    [
      'unknown',
      0,
      'FAKE (fake): unknown: its address is in use, as it should while a Sluice runs here',
    ],
  ] as const)(
    'takes an address in use for what it is (admin server %s)',
    async (state, code, line) => {
      const cause = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' });
      const pump = aPump({ open: () => Promise.reject(new Error('in use', { cause })) });
      const result = await validated({ connect: true }, aContext(), {
        findPump: () => Promise.resolve({ outcome: 'found', pump }),
        probeAdmin: () => Promise.resolve({ state, reason: 'somebody has it' }),
      });
      expect([result.code, result.lines[2]]).toEqual([code, line]);
    },
  );

  it('waits for nobody longer than its deadline', async () => {
    const pump = aPump({ open: () => new Promise(() => undefined) });
    const result = await validated({ connect: true }, aContext(), {
      findPump: () => Promise.resolve({ outcome: 'found', pump }),
    });
    expect(result.lines[2]).toBe('FAKE (fake): down: no answer within 10 s');
  });

  it('closes the sinks it opened', async () => {
    const closed: string[] = [];
    const sink = { ...aSink(() => Promise.reject(new Error('broken'))) };
    const close = () => Promise.resolve(void closed.push('sink'));
    const pump = aPump({ open: () => Promise.resolve({ ...sink, close }) });
    await validated({ connect: true }, aContext(), {
      findPump: () => Promise.resolve({ outcome: 'found', pump }),
    });
    expect(closed).toEqual(['sink']);
  });
});

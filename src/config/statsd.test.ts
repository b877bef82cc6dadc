import { describe, expect, it } from 'vitest';
import { aFile, load } from './testing.ts';

const on = { TYK_INSTRUMENTATION: '1' };
const address = { statsd_connection_string: 'metrics:8125' };

describe('metrics of the service for StatsD', () => {
  it.each([
    [address, on, { target: { host: 'metrics', port: 8125 }, prefix: '' }],
    [
      { ...address, statsd_prefix: 'tyk.pump' },
      on,
      { target: { host: 'metrics', port: 8125 }, prefix: 'tyk.pump' },
    ],
    [
      { statsd_connection_string: '[::1]:9125' },
      on,
      { target: { host: '::1', port: 9125 }, prefix: '' },
    ],
    [
      {},
      { ...on, TYK_PMP_STATSDCONNECTIONSTRING: ':8125', TYK_PMP_STATSDPREFIX: 'p' },
      { target: { host: '', port: 8125 }, prefix: 'p' },
    ],
    [{}, {}, undefined],
    [{ statsd_prefix: 'p' }, {}, undefined],
  ])('file %j and variables %j give %j', async (file, env, expected) => {
    const { config, errors, warnings, notes } = await load({ file: aFile(file), env });

    expect({ errors, warnings, notes }).toEqual({ errors: [], warnings: [], notes: [] });
    expect(config?.statsd).toEqual(expected);
  });

  it.each([{}, { TYK_INSTRUMENTATION: '0' }, { TYK_INSTRUMENTATION: 'true' }])(
    'are off with the variables %j, which is said',
    async (env) => {
      const { config, warnings, notes } = await load({ file: aFile(address), env });

      expect(config?.statsd).toBeUndefined();
      expect(warnings).toEqual([]);
      expect(notes).toEqual([
        'pump.conf: statsd_connection_string: has no effect without the variable TYK_INSTRUMENTATION=1, as in Tyk Pump; metrics are at /metrics',
      ]);
    },
  );

  it('need an address, and the start goes on without one', async () => {
    const { config, warnings } = await load({ file: aFile(), env: on });

    expect(config).toMatchObject({ statsd: undefined });
    expect(warnings).toEqual([
      'environment: TYK_INSTRUMENTATION: found "1", expected a statsd_connection_string as well: without one no metrics go to StatsD',
    ]);
  });

  it.each(['metrics', 'metrics:0', 'udp://metrics:8125', 'user:password@metrics:8125'])(
    'refuse the address %s',
    async (text) => {
      const file = aFile({ statsd_connection_string: text });
      const { config, errors } = await load({ file, env: on });

      expect(config).toBeUndefined();
      expect(errors).toEqual([
        'pump.conf: statsd_connection_string: found text, expected host:port of a StatsD daemon',
      ]);
    },
  );
});

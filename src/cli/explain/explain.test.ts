import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../../pumps/index.ts';
import { metricGroups } from '../../app/declared-metrics.ts';
import { loadConfig } from '../../config/load.ts';
import type { Pump } from '../../pump/define-pump.ts';
import { aContext } from '../testing.ts';
import { alerts } from './alerts.ts';
import { dictionary, findKey, findVariable } from './dictionary.ts';
import { explainWord } from './explain.ts';

const file = `{
  "purge_delay": 5,
  "dont_purge_uptime_data": true,
  "analytics_storage_config": { "host": "127.0.0.1", "port": 6379, "password": "opensesame" },
  "pumps": {
    "es": { "type": "elasticsearch", "meta": { "index_name": "calls" } },
    "file": { "timeout": 3, "meta": { "path": "/var/log/records" } }
  }
}`;

async function explain(word: string, json = false) {
  const context = aContext({
    load: (path) =>
      loadConfig({
        path,
        env: { TYK_PMP_PUMPS_ES_TIMEOUT: '7' },
        readFile: () => Promise.resolve(file),
        types: pumpTypes,
      }),
  });
  const code = await explainWord(
    { kind: 'explain', word, flags: { help: false, conf: 'my.conf', json } },
    context,
    {
      ...{ findPump, types: pumpTypes, host: 'here' },
      connect: () => Promise.reject(new Error('never asked')),
    },
  );
  return { code, out: context.out(), err: context.err() };
}

describe('explain WORD', () => {
  it('says what a word of the documentation and the console means', async () => {
    const { code, out } = await explain('Segment');
    expect(code).toBe(0);
    expect(out).toBe('segment\n  an immutable list of records claimed from a list\n');
    expect(JSON.parse((await explain('segment', true)).out)).toMatchObject({
      word: { word: 'segment', means: 'an immutable list of records claimed from a list' },
    });
  });
});

describe('explain OPTION', () => {
  it.each(['lease', 'sluice.lease', 'Sluice.Lease', 'TYK_PMP_SLUICE_LEASE'])(
    'says what it means, under the name %s',
    async (word) => {
      const { code, out } = await explain(word);
      expect(code).toBe(0);
      expect(out).toBe(
        [
          'sluice.lease',
          '  After this long without a sign of life, another instance takes over the work.',
          '  value:     a duration with its unit, such as "250ms", "5s", "1h30m", of at least 100ms',
          '  default:   30s',
          '  variable:  TYK_PMP_SLUICE_LEASE',
          '  in force:  sluice.lease = "30s" (default)',
          '',
        ].join('\n'),
      );
    },
  );

  it.each([
    ['pumps.es.meta.index_name', 'elasticsearch'],
    ['elasticsearch.index_name', 'elasticsearch'],
    ['elasticsearch.meta.IndexName', 'elasticsearch'],
    ['TYK_PMP_PUMPS_ES_META_INDEXNAME', 'elasticsearch'],
    ['tyk_pmp_pumps_elasticsearch_meta_indexname', 'elasticsearch'],
  ])('knows the options of a pump: %s', async (word, type) => {
    const { out } = await explain(word);
    expect(out).toContain(`pumps.<NAME>.meta.index_name (${type})`);
    expect(out).toContain('in force:  pumps.es.meta.index_name = "calls" (my.conf:6:48)');
  });

  it('says of every pump what an option of the entry is', async () => {
    const { out } = await explain('pumps.file.timeout');
    expect(out).toContain('pumps.es.timeout = 7 (TYK_PMP_PUMPS_ES_TIMEOUT)');
    expect(out).toContain('pumps.file.timeout = 3 (my.conf:7:15)');
  });

  it('knows what stands within, and groups', async () => {
    expect((await explain('sample.rules[0].where')).out).toContain(
      'pumps.<NAME>.sample.rules[].where',
    );
    expect((await explain('analytics_storage_config')).out).toContain('options:   type, host,');
  });

  it('shows no secret', async () => {
    const { out } = await explain('password');
    expect(out).not.toContain('opensesame');
    expect((await explain('analytics_storage_config.password')).out).toContain(
      'analytics_storage_config.password = "[secret]" (my.conf:4:68)',
    );
  });

  it('lists those of the same name where they are many', async () => {
    const { code, out } = await explain('ssl_ca_file');
    expect(code).toBe(0);
    expect(out).toMatch(/options are called so: say more of the key, or the type of the pump \(\w/);
  });

  it('says all of it in JSON', async () => {
    expect(JSON.parse((await explain('purge_delay', true)).out)).toMatchObject({
      options: [
        {
          ...{ key: 'purge_delay', type: null, default: '0', required: false, secret: false },
          variables: ['TYK_PMP_PURGEDELAY'],
          values: [{ key: 'purge_delay', value: 5, from: 'file', file: 'my.conf', line: 2 }],
        },
      ],
    });
  });
});

describe('the dictionary', async () => {
  const found = await Promise.all(pumpTypes.map((type) => findPump(type)));
  const pumps: readonly Pump[] = found.flatMap((each) =>
    each.outcome === 'found' ? [each.pump] : [],
  );
  const words = dictionary(pumps);

  it('finds every option by its key, by its end, and by its variable', () => {
    const lost = words.filter((word) => {
      const typeOf = () => word.type;
      const key = word.key.replace('<NAME>', 'mine');
      const variable = word.variable?.replace('<NAME>', 'MINE');
      return !(
        findKey(words, key, typeOf).includes(word) &&
        findKey(words, key.split('.').at(-1) ?? '', typeOf).includes(word) &&
        (variable === undefined || findVariable(words, variable, typeOf).includes(word))
      );
    });
    expect(lost.map(({ key, type }) => `${key} ${type ?? ''}`)).toEqual([]);
    expect(words.length).toBeGreaterThan(500);
  });

  it('finds an option by its alias', () => {
    const withAlias = words.filter(({ option }) => option.aliases.length > 0);
    expect(withAlias.length).toBeGreaterThan(0);
    for (const word of withAlias)
      expect(findKey(words, word.option.aliases[0] ?? '', () => word.type)).toContain(word);
  });
});

describe('explain METRIC', () => {
  it('says its help, its labels and the alerts that ask for it', async () => {
    const { code, out } = await explain('sluice_redis_up');
    expect(code).toBe(0);
    expect(out).toContain('sluice_redis_up (gauge)\n  1 while Redis answers');
    expect(out).toContain('alert:     SluiceRedisAway (critical): Redis does not answer');
    expect(out).toContain('             sluice_redis_up == 0');
  });

  it('knows the parts of a histogram by its name, and every metric that an alert asks for', async () => {
    const declared = Object.values(metricGroups()).flat();
    const histogram = declared.find(({ type }) => type === 'histogram');
    expect((await explain(`${histogram?.name ?? ''}_bucket`)).out).toContain('(histogram)');
    const asked = alerts.flatMap(({ expr }) => expr.match(/\bsluice_\w+/g) ?? []);
    expect(asked.length).toBeGreaterThan(20);
    for (const name of new Set(asked)) expect((await explain(name)).code, name).toBe(0);
  });
});

describe('explain ALERT', () => {
  it('says what it means, when it fires, and where the runbook has it', async () => {
    const { code, out } = await explain('sluiceredisaway');
    expect(code).toBe(0);
    expect(out).toContain('SluiceRedisAway (critical)\n  Redis does not answer');
    expect(out).toContain('fires:     sluice_redis_up == 0');
    expect(out).toContain('runbook:   docs/runbook.md#sluiceredisaway');
  });
});

describe('explain', () => {
  it.each([
    ['SluiceRedisAwai', 'did you mean SluiceRedisAway'],
    ['laese', 'did you mean lease?'],
    ['TYK_PMP_PURGEDELAI', 'did you mean TYK_PMP_PURGEDELAY'],
    ['sluice_redis_upp', 'did you mean sluice_redis_up'],
    ['pumps.es.meta.index_nam', 'index_name'],
    ['qqqqqqqqqqqqqq', "record id 'qqqqqqqqqqqqqq'\n"],
    ['a\u001b[2J', String.raw`'a\u001b[2J'`],
  ])('names what is near to %j, which is nothing', async (word, expected) => {
    const { code, out, err } = await explain(word);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(expected);
  });

  it('knows variables that are no option’s', async () => {
    expect((await explain('SLUICE_CONF')).out).toContain('Path of the configuration file');
  });

  it('asks Redis for a record id alone', async () => {
    const { code, err } = await explain('17-1:0');
    expect(code).toBe(1);
    expect(err).toContain('never asked');
  });
});

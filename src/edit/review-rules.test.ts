import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config/load.ts';
import { formatProblem } from '../config/problem.ts';
import { aFile, load } from '../config/testing.ts';
import { reviewRules } from './review-rules.ts';

async function reviewed(
  records: object,
  pumps: Readonly<Record<string, object>> = { a: {}, b: {} },
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { config, errors } = await load({ file: aFile({ sluice: { records }, pumps }), env });
  expect(errors).toEqual([]);
  const problems = await reviewRules(config?.pumps ?? []);
  return problems.map((problem) => `${problem.severity} ${formatProblem(problem)}`);
}

describe('what is wrong with the rules for records', () => {
  it('is nothing', async () => {
    expect(await reviewed({})).toEqual([]);
    expect(
      await reviewed({
        filter: 'status:5xx',
        redact: ['secrets'],
        sample: { rate: 0.5, rules: [{ where: 'path:/a*', rate: 1 }] },
        enrich: { user_agent: true },
      }),
    ).toEqual([]);
  });

  it('is told once where it was said for all pumps, and at each pump that says it', async () => {
    expect(await reviewed({ filter: 'staus:5xx' })).toEqual([
      expect.stringMatching(
        /^error pump.conf: sluice\.records\.filter: found "staus", expected .*status.* at character 1$/,
      ),
    ]);
    const each = await reviewed({}, { a: { filter: '(' }, b: { filter: '(' }, c: {} });
    expect(new Set(each.map((line) => line.split(':')[1]))).toEqual(
      new Set([' pumps.a.filter', ' pumps.b.filter']),
    );
  });

  it('is told of the variable that said it', async () => {
    const env = { TYK_PMP_PUMPS_A_FILTER: 'nonsense:1', TYK_PMP_PUMPS_A_TYPE: 'dummy' };
    expect(await reviewed({}, { a: {} }, env)).toEqual([
      expect.stringMatching(/^error environment: TYK_PMP_PUMPS_A_FILTER: found "nonsense"/),
    ]);
  });

  it('is a share that is none, also where it is the only one', async () => {
    expect(await reviewed({ sample: { rate: 2 } })).toEqual([
      expect.stringMatching(
        /sluice\.records\.sample\.rate: found 2, expected a share from 0 to 1$/,
      ),
    ]);
  });

  it('is all told at once, by option', async () => {
    const problems = await reviewed({
      redact: { mode: 'hash', patterns: ['a', '('], json: ['a..b'], fields: ['nothing'] },
      sample: {
        rate: 2,
        rules: [
          { where: '', rate: 1 },
          { where: 'a:', rate: -1 },
        ],
      },
      enrich: { geoip: '/nowhere/at.mmdb' },
    });
    const options = problems.map((line) => /sluice\.records\.([^:]+):/.exec(line)?.[1]);
    expect([...new Set(options)].sort()).toEqual([
      'enrich.geoip',
      'redact.fields[0]',
      'redact.hash_key',
      'redact.json[0]',
      'redact.patterns[1]',
      'sample.rate',
      'sample.rules[1].rate',
      'sample.rules[1].where',
    ]);
    expect(problems.find((line) => line.includes('geoip'))).toContain('/nowhere/at.mmdb');
  });

  it('is the name of a field in an expression that no record can have then', async () => {
    const ask = (records: object) => reviewed(records, { a: {} });
    const asking = {
      filter: '-client.browser:bot* (path_template:/users/* or path:/a)',
      sample: { rate: 0.1, rules: [{ where: 'sample_weight>2', rate: 1 }] },
    };

    const added = '`enrich.X` for the same pump, which adds it: until then no record has it';
    expect(await ask(asking)).toEqual([
      `error pump.conf: sluice.records.filter: found "client.browser", expected ${added.replace('X', 'user_agent')}`,
      `error pump.conf: sluice.records.filter: found "path_template", expected ${added.replace('X', 'path_template')}`,
      'error pump.conf: sluice.records.sample.rules[0].where: found "sample_weight", expected a field that records have before they are sampled',
    ]);
    expect(
      await ask({ ...asking, sample: {}, enrich: { user_agent: true, path_template: true } }),
    ).toEqual([]);
    // The gateway may have written it.
    expect(await ask({ filter: 'country:GB' })).toEqual([]);
  });

  it('is that of a pump which adds less than all', async () => {
    const records = { filter: 'path_template:/a', enrich: { path_template: true } };

    expect(await reviewed(records, { a: {}, b: { enrich: { user_agent: true } } })).toEqual([
      expect.stringMatching(/^error pump.conf: sluice\.records\.filter: found "path_template"/),
    ]);
  });

  it('is a warning where compressed bodies are kept beside a preset', async () => {
    const redact = { presets: ['secrets'], compressed: 'keep' };
    expect(await reviewed({ redact })).toEqual([
      expect.stringMatching(/^warning pump.conf: sluice\.records\.redact\.compressed: /),
    ]);
    expect(await reviewed({ redact: { headers: ['x-a'], compressed: 'keep' } })).toEqual([]);
  });
});

describe('the rules of a pump', () => {
  it('take the place of those for all pumps, group by group', async () => {
    const { config } = await load({
      file: aFile({
        sluice: { records: { redact: ['secrets', 'email'], filter: 'a:1' } },
        pumps: {
          a: {},
          b: { redact: [] },
          c: { redact: { headers: ['x-a'] }, filter: '' },
        },
      }),
    });
    const rules = config?.pumps.map(({ rules: { filter, redact } }) => [
      filter,
      redact?.presets,
      redact?.headers,
    ]);
    expect(rules).toEqual([
      ['a:1', ['secrets', 'email'], []],
      ['a:1', [], []],
      ['', [], ['x-a']],
    ]);
  });

  it('can be said in variables, and their key of hashes is a secret', async () => {
    const file = JSON.stringify(aFile({ pumps: { a: {} } }));
    const { config, secrets } = await loadConfig({
      path: 'pump.conf',
      readFile: () => Promise.resolve(file),
      types: ['dummy'],
      env: {
        TYK_PMP_PUMPS_A_TYPE: 'dummy',
        TYK_PMP_PUMPS_A_REDACT_PRESETS: 'secrets,cards',
        TYK_PMP_PUMPS_A_REDACT_HASHKEY: 'of sixteen bytes or more',
        TYK_PMP_SLUICE_RECORDS_SAMPLE_RATE: '0.25',
      },
    });
    const [entry] = config?.pumps ?? [];
    expect(entry?.rules.redact?.presets).toEqual(['secrets', 'cards']);
    expect(entry?.rules.sample?.rate).toBe(0.25);
    expect(JSON.stringify(entry?.rules)).not.toContain('sixteen');
    expect(secrets).toContain('of sixteen bytes or more');
  });
});

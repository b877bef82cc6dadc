/** What `sluice schema` prints, judged by a validator that is not ours. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../pumps/index.ts';
import { configSchema } from '../src/cli/schema.ts';
import { optionSchema } from '../src/config/json-schema.ts';
import { type Leaf, leavesOf } from '../src/config/options/leaves.ts';
import { ownOptions } from '../src/config/own-options.ts';
import { entryOptions, globalOptions } from '../src/config/service-options.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const schema = await configSchema({ findPump, types: pumpTypes });
const ajv = new Ajv2020({
  allErrors: true,
  strict: true,
  strictTypes: false,
  allowUnionTypes: true,
});
const accepts = ajv.compile(schema);

/** Where it is wrong, and why. */
function errorsOf(config: unknown): readonly string[] {
  if (accepts(config)) return [];
  return (accepts.errors ?? [])
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

const configs = [
  // What captures has a configuration of its own.
  ...readdirSync(`${root}config`)
    .filter((name) => name.endsWith('.json'))
    .map((name) => `config/${name}`),
  ...pumpTypes.map((type) => `pumps/${type}/example.json`),
];

describe('the schema of the configuration', () => {
  it.each(configs)('accepts %s', (file) => {
    expect(errorsOf(JSON.parse(readFileSync(`${root}${file}`, 'utf8')))).toEqual([]);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['a key that is none', { purge_delai: 1 }, [' additionalProperties']],
    ['a number that is too small', { purge_delay: -1 }, ['/purge_delay minimum']],
    ['a list for a text', { log_level: ['info'] }, ['/log_level type']],
    ['a size without its unit', { sluice: { cache_bytes: '64' } }, ['/sluice/cache_bytes pattern']],
    ['a duration without its unit', { sluice: { lease: '30' } }, ['/sluice/lease pattern']],
    [
      'an option of another pump',
      aPump({ type: 'csv', meta: { index_name: 'a' } }),
      ['/pumps/a/meta additionalProperties'],
    ],
    [
      'the same, of a pump whose name is its type',
      { pumps: { csv: { meta: { index_name: 'a' } } } },
      ['/pumps/csv/meta additionalProperties'],
    ],
    [
      'a type in another case',
      aPump({ type: 'CSV', meta: { csv_dir: 5 } }),
      ['/pumps/a/meta/csv_dir type'],
    ],
    [
      'a wrong word',
      aPump({ type: 'csv', start_at: 'never' }),
      [
        '/pumps/a/start_at anyOf',
        '/pumps/a/start_at enum',
        '/pumps/a/start_at pattern',
        '/pumps/a/start_at type',
      ],
    ],
    ['an entry that is none', { pumps: { a: 5 } }, ['/pumps/a type']],
  ])('finds %s', (_what, config, errors) => {
    expect([...errorsOf(config)].sort()).toEqual([...errors].sort());
  });

  it('knows references, numbers in quotes, the short form of a group, and modules from outside', () => {
    const config = {
      $schema: './sluice.schema.json',
      purge_delay: 'env://DELAY',
      health_check_endpoint_port: '8083',
      sluice: { records: { redact: ['secrets'] }, cache_bytes: 'kv://vault/a#b' },
      pumps: { a: { type: './mine.mjs', meta: { anything: 1 }, redact: { presets: ['cards'] } } },
    };
    expect(errorsOf(config)).toEqual([]);
  });

  it('refuses nothing that the service takes', async () => {
    for (const { key, option } of await allLeaves()) {
      const check = ajv.compile(optionSchema(option));
      fc.assert(
        fc.property(values, (value) => {
          if (option.read(value).ok) expect([key, value, check(value)]).toEqual([key, value, true]);
        }),
        { numRuns: 200 },
      );
    }
  });
});

function aPump(entry: object): unknown {
  return { pumps: { a: entry } };
}

async function allLeaves(): Promise<readonly Leaf[]> {
  const found = await Promise.all(pumpTypes.map(findPump));
  const sets = found.flatMap((each) => (each.outcome === 'found' ? [each.pump.options] : []));
  return [globalOptions, ownOptions, entryOptions, ...sets].flatMap((set) => leavesOf(set));
}

const words = fc.constantFrom(
  ...[
    '',
    'true',
    'F',
    '0',
    '-1',
    '+7',
    '0x1F',
    '0b1_0',
    '017',
    '1.5',
    '.5',
    '1e3',
    '5s',
    '1h30m',
    '-2ms',
    '250us',
  ],
  ...[
    '0',
    '512KiB',
    '1.5 GiB',
    '64MiB',
    '0640',
    'a',
    'now',
    'env://X',
    'kv://a/b#c',
    '$secret_env.X',
    '\n5',
    ' 5',
  ],
);
const values = fc.oneof(
  words,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.string(),
  fc.array(fc.oneof(words, fc.integer(), fc.string())),
  fc.dictionary(fc.string(), fc.oneof(words, fc.integer())),
);

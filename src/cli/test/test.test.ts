import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findPump, pumpTypes } from '../../../pumps/index.ts';
import { loadConfig } from '../../config/load.ts';
import { aContext } from '../testing.ts';
import { test } from './test.ts';

const config = {
  purge_delay: 5,
  dont_purge_uptime_data: true,
  analytics_storage_config: { host: '127.0.0.1', port: 6379 },
  sluice: { records: { redact: ['secrets'] } },
  pumps: {
    es: {
      type: 'elasticsearch',
      filter: 'status:5xx',
      fields: { include: ['path', 'response_code'], rename: { path: 'url' } },
      meta: {},
    },
    file: { meta: { path: '/never' }, filters: { skip_api_ids: ['secret'] } },
    statsd: { meta: { address: 'localhost:8125' } },
  },
};

interface Said {
  readonly print?: boolean;
  readonly json?: boolean;
  readonly conf?: unknown;
}

async function run(file: unknown, { conf = config, ...said }: Said = {}) {
  const context = aContext({
    load: (path) =>
      loadConfig({
        ...{ path, env: {}, types: pumpTypes },
        readFile: () => Promise.resolve(JSON.stringify(conf)),
      }),
  });
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  const code = await test(
    {
      ...{ kind: 'test', files: ['t.json'] },
      flags: { help: false, conf: 'x', print: false, json: false, ...said },
    },
    context,
    { findPump, readFile: () => Promise.resolve(text) },
  );
  return { code, out: context.out(), err: context.err() };
}

const records = [
  { path: '/pets', response_code: 503 },
  { path: '/orders', api_id: 'secret' },
  {
    path: '/login',
    raw_request: {
      text: 'GET /login?token=opensesame HTTP/1.1\r\nAuthorization: Bearer opensesame\r\n\r\n',
    },
  },
];

describe('sluice test', () => {
  it('is ok where every pump would send what is expected of it', async () => {
    const expected = {
      ES: { match: 'exact', documents: [{ url: '/pets', response_code: 503 }] },
      file: [{ path: '/pets' }, { path: '/login' }],
    };
    expect(await run({ records, expect: expected })).toEqual({
      ...{ code: 0, err: '', out: 'ok: t.json\n' },
    });
  });

  it('says what is otherwise, with the place in the document', async () => {
    const expected = {
      es: { match: 'exact', documents: [{ url: '/pets' }] },
      file: [{ path: '/pets', method: 'POST', none: 1 }],
    };
    const { code, out } = await run({ records, expect: expected });
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'not ok: t.json: ES, FILE',
      '  ES: document 0 (of record 0): response_code: expected nothing, found 503',
      '  FILE: 1 document expected, 2 would be sent',
      '  FILE: document 0 (of record 0): method: expected "POST", found "GET"',
      '  FILE: document 0 (of record 0): none: expected 1, there is nothing',
      '',
    ]);
  });

  it('prints what would be sent as the file would expect it', async () => {
    const printed = JSON.parse((await run({ records })).out) as { readonly expect: object };
    expect(printed.expect).toMatchObject({
      ES: [{ url: '/pets', response_code: 503 }],
      FILE: [{ path: '/pets' }, { path: '/login' }],
      STATSD: [{}, {}, {}],
    });
    expect(await run({ records, ...printed })).toMatchObject({ code: 0, out: 'ok: t.json\n' });
  });

  it('redacts as the pumps would', async () => {
    const { out } = await run({ records }, { print: true });
    const { FILE } = (JSON.parse(out) as { expect: { FILE: { raw_request: string }[] } }).expect;
    const request = Buffer.from(FILE[1]?.raw_request ?? '', 'base64').toString();
    expect(request).toContain('/login');
    expect(request).not.toContain('opensesame');
  });

  it('samples by the id of the record, as it would anywhere', async () => {
    const sampling = {
      ...config,
      pumps: { file: { meta: { path: '/x' }, sample: { rate: 0.5 } } },
    };
    const many = Array.from({ length: 100 }, (_, at) => ({ id: `17-1:${at}` }));
    const first = await run({ records: many }, { json: true, conf: sampling });
    const [file] = (JSON.parse(first.out) as { files: { routes: { records: object[] }[] }[] })
      .files;
    const out = file?.routes[0]?.records ?? [];
    const sent = out.filter((each) => 'outcome' in each && each.outcome === 'sent');
    expect(sent.length).toBeGreaterThan(25);
    expect(sent.length).toBeLessThan(75);
    expect(await run({ records: many }, { json: true, conf: sampling })).toEqual(first);
  });

  it('says in JSON what became of each record, and what the pump shows', async () => {
    const { out } = await run({ records, expect: { es: [] } }, { json: true });
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      files: [
        {
          file: 't.json',
          failures: [{ route: 'ES', difference: '0 documents expected, 1 would be sent' }],
          routes: [
            {
              ...{ route: 'ES', type: 'elasticsearch', shows: 'documents' },
              records: [
                { record: 0, outcome: 'sent', document: { url: '/pets' } },
                { record: 1, outcome: 'filtered', document: null },
                { record: 2, outcome: 'filtered', document: null },
              ],
            },
            { route: 'FILE', shows: 'documents' },
            { route: 'STATSD', shows: 'records' },
          ],
        },
      ],
    });
  });

  it.each([
    ['{', 'line 1, column 2'],
    [[], '(top level): found list, expected an object with `records`'],
    [{}, 'records: found nothing, expected a list of records'],
    [{ records: [7] }, 'records[0]: found number, expected a record'],
    [
      { records: [{ respose_code: 1 }] },
      'records[0].respose_code: found number, expected a field of a record (docs/fields.md); did you mean "response_code"?',
    ],
    [
      { records: [{ response_code: '1' }] },
      'records[0].response_code: found text, expected an integer',
    ],
    [
      { records: [{ timestamp: 'noon' }] },
      'records[0].timestamp: found text, expected a time in UTC',
    ],
    [{ records: [{ latency: 3 }] }, 'records[0].latency: found number, expected an object'],
    [{ records: [{ latency: { totl: 3 } }] }, 'records[0].latency.totl: found number'],
    [{ records: [{ id: 'x' }] }, 'records[0].id: found text, expected a record id'],
    [
      { records: [], expect: { elastic: [] } },
      'expect.elastic: found list, expected a pump of calls of the configuration (there are ES, FILE, STATSD)',
    ],
    [{ records: [], expect: { es: 1 } }, 'expect.es: found number, expected a list of documents'],
    [{ records: [], expect: { es: { match: 'x', documents: [] } } }, 'expect.es.match: found text'],
    [{ records: [], expekt: {} }, 'expekt: found object, expected `records` or `expect`'],
  ])('says what is wrong with %j', async (file, expected) => {
    const { code, out, err } = await run(file);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`sluice: error: t.json: ${expected}`);
  });

  it('lets no record steer the terminal', async () => {
    const { out } = await run({ records: [{ path: '/\u001b[2J\u202e' }] });
    expect(out).not.toMatch(/[^\P{C}\n]/u);
  });

  it('needs a configuration without errors', async () => {
    const { code, err } = await run({ records }, { conf: { ...config, pumps: { file: {} } } });
    expect(code).toBe(1);
    expect(err).toContain('pumps.file.meta.path: found nothing');
  });
});

describe('sluice test of every pump', () => {
  const ofCalls = pumpTypes.filter((type) => !type.startsWith('uptime-'));
  it.each(ofCalls)('%s shows something of a record', async (type) => {
    const example = await readFile(
      new URL(`../../../pumps/${type}/example.json`, import.meta.url),
      'utf8',
    );
    const { code, out } = await run(
      { records: [{ path: '/pets' }] },
      {
        json: true,
        conf: JSON.parse(example),
      },
    );
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as {
      files: { routes: { type: string; records: { outcome: string; document: unknown }[] }[] }[];
    };
    const route = files[0]?.routes.find((each) => each.type === type);
    expect(route?.records).toMatchObject([{ outcome: 'sent' }]);
    expect(JSON.stringify(route?.records[0]?.document)).toContain('/pets');
  });
});

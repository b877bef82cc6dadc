import { afterEach, describe, expect, it } from 'vitest';
import type { Batch } from '#pump';
import { aBatch, aContext, aPreparedPump, FakeHttpServer, outcomesOf } from '#pump/testing';
import clickhouse from './index.ts';
import { type FakeServerOptions, fakeServer } from './server.testing.ts';

let server: FakeHttpServer | undefined;
afterEach(() => server?.close());

async function delivering(meta: object, batches: readonly Batch[], how: FakeServerOptions = {}) {
  const fake = fakeServer(how);
  server = await FakeHttpServer.start((request) => fake.answer(request));
  const { signal } = new AbortController();
  const context = aContext();
  const pump = aPreparedPump(clickhouse, { url: server.url, ...meta });
  const sink = await pump.open(context, signal);
  const outcomes: string[] = [];
  for (const batch of batches)
    outcomes.push(...outcomesOf((await sink.deliver(batch, signal)).verdicts));
  await sink.close(signal);
  return { fake, outcomes: [...new Set(outcomes)], context, requests: server.requests };
}

describe('a batch that comes again', () => {
  it('has the same token, and is not stored twice by a server that knows tokens', async () => {
    const same = () => aBatch(5, {}, 'one');

    const { fake, outcomes } = await delivering({}, [same(), same(), aBatch(4, {}, 'one')]);

    expect(outcomes).toEqual(['delivered']);
    expect(fake.rows).toHaveLength(9);
  });

  it('has no token where the server gathers inserts', async () => {
    const { fake } = await delivering({ async_insert: true }, [aBatch(1)]);

    expect(Object.fromEntries(fake.settings[0] ?? [])).toEqual({
      ...{ async_insert: '1', wait_for_async_insert: '1' },
      ...{ date_time_input_format: 'best_effort', distributed_foreground_insert: '1' },
    });
  });
});

describe('an insert', () => {
  it('is answered only once its rows are stored, whatever the profile of the user says', async () => {
    const { fake } = await delivering({}, [aBatch(1)]);

    expect(Object.fromEntries(fake.settings[0] ?? [])).toMatchObject({
      ...{ async_insert: '0', wait_for_async_insert: '1', distributed_foreground_insert: '1' },
    });
  });

  it('signs in with the user of the options, or with that of the address', async () => {
    const { requests } = await delivering({ username: 'u', password: 'p' }, [aBatch(1)]);
    expect(requests[0]?.headers).toMatchObject({
      'x-clickhouse-user': 'u',
      'x-clickhouse-key': 'p',
    });
    const url = server?.url.replace('//', '//v:q@');

    await server?.close();
    const fake = fakeServer();
    server = await FakeHttpServer.start((request) => fake.answer(request));
    const pump = aPreparedPump(clickhouse, {
      url: String(url).replace(/:\d+$/, `:${server.port}`),
    });
    const { signal } = new AbortController();
    const sink = await pump.open(aContext(), signal);
    await sink.deliver(aBatch(1), signal);
    await sink.close(signal);

    expect(server.requests[0]?.headers).toMatchObject({
      ...{ 'x-clickhouse-user': 'v', 'x-clickhouse-key': 'q' },
    });
  });
});

describe('a table that is made', () => {
  it('knows its rows by their id, and looks for repeated inserts', async () => {
    const { fake } = await delivering({ create_table: true, table_options: 'TTL x' }, [aBatch(1)], {
      hasTable: false,
    });

    const made = fake.statements.find((statement) => statement.startsWith('CREATE'));
    expect(made).toMatch(
      /^CREATE TABLE IF NOT EXISTS `default`\.`tyk_analytics` \(`record_id` String, /,
    );
    expect(made).toContain('`api_id` LowCardinality(String), ');
    expect(made).toContain("`timestamp` DateTime64(3, 'UTC'), ");
    expect(made).toMatch(
      /ENGINE = ReplacingMergeTree\(\) PARTITION BY toYYYYMM\(timestamp\) ORDER BY \(api_id, timestamp, record_id\) TTL x SETTINGS non_replicated_deduplication_window = 1000$/,
    );
  });

  it.each([
    [{ engine: 'ReplicatedReplacingMergeTree' }, /Tree\(\) PARTITION .*\)$/],
    [{ engine: "ReplicatedMergeTree('/a', 'b')" }, /MergeTree\('\/a', 'b'\) PARTITION/],
    [{ table_options: 'SETTINGS a = 1', partition_by: '' }, /\(\) ORDER BY \(.*\) SETTINGS a = 1$/],
  ])('is as the options say: %j', async (meta, pattern) => {
    const { fake } = await delivering({ create_table: true, ...meta }, [aBatch(1)], {
      hasTable: false,
    });

    expect(fake.statements.find((one) => one.startsWith('CREATE'))).toMatch(pattern);
  });

  it('is asked for once', async () => {
    const { fake } = await delivering({}, [aBatch(1), aBatch(1), aBatch(1)]);

    expect(fake.statements).toHaveLength(2);
  });
});

describe('what the server says', () => {
  it('is in no reason, and in a line for those who look for it', async () => {
    const { context, outcomes } = await delivering({}, [aBatch(1, { path: '/hunter2' })], {
      refuses: () => true,
    });

    expect(outcomes).toEqual(['reject']);
    expect(context.lines.filter(({ level }) => level !== 'debug')).toEqual([]);
    expect(JSON.stringify(context.lines)).toContain('hunter2');
  });
});

describe('the options', () => {
  const problems = (meta: object) =>
    clickhouse
      .prepare({
        raw: { url: 'http://h', ...meta },
        ...{ source: 's', key: 'meta', env: {}, envPrefix: clickhouse.envPrefix },
      })
      .problems.map(({ key, found }) => `${key}: ${found}`);

  it.each([
    [{ table: '' }, 'meta.table: no name'],
    [{ database: 'a\0' }, 'meta.database: no name'],
    [{ password: 'p' }, 'meta.password: a password without a user'],
    [{ username: 'a\nb' }, 'meta.username: a line end or another character'],
    [{ username: 'u', url: 'http://v@h' }, 'meta.username: a user here and in url'],
    [{ url: 'ftp://h' }, 'meta.url: no such URL'],
  ])('are refused or warned of: %j', (meta, words) => {
    expect(problems(meta)).toEqual([words]);
  });

  it('have the limits of an insert', () => {
    const limits = (meta: object) => aPreparedPump(clickhouse, { url: 'http://h', ...meta }).limits;

    expect(limits({})).toMatchObject({ records: 20_000, bytes: 16 * 1024 ** 2 });
    expect(limits({ batch_records: 7, batch_bytes: '1GiB' })).toMatchObject({
      ...{ records: 7, bytes: 64 * 1024 ** 2 },
    });
  });
});

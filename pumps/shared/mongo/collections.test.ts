import type { Document } from 'mongodb';
import { afterEach, describe, expect, it, test } from 'vitest';
import type { Pump } from '#pump';
import { aBatch, aContext, aPreparedPump, outcomesOf, type TestContext } from '#pump/testing';
import mongo from '../../mongo/index.ts';
import selective from '../../mongo-pump-selective/index.ts';
import { type Answer, FakeMongo } from './fake-server.testing.ts';

const servers: FakeMongo[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Trial {
  readonly pump?: Pump;
  readonly meta?: object;
  readonly answer?: Answer;
  /** Collections that are there before. */
  readonly there?: readonly string[];
  readonly batches?: readonly ReturnType<typeof aBatch>[];
  /** Waits for a command that is sent beside the deliveries. */
  readonly awaited?: string;
}

/** Delivers, and tells what the server was asked for besides. */
async function delivered(trial: Trial) {
  const { pump = mongo, meta = {}, answer, there = [], batches = [aBatch(1)], awaited } = trial;
  const server = new FakeMongo(answer === undefined ? {} : { answer });
  servers.push(server);
  await server.listen();
  for (const name of there) server.collections.set(name, new Map());
  const context: TestContext = aContext();
  const url = server.url('test');
  const prepared = aPreparedPump(pump, { mongo_url: url, collection_name: 'calls', ...meta });
  const signal = () => AbortSignal.timeout(5_000);
  const sink = await prepared.open(context, signal());
  const outcomes: string[] = [];
  for (const batch of batches)
    outcomes.push(...outcomesOf((await sink.deliver(batch, signal())).verdicts));
  const named = (name: string): readonly Document[] =>
    server.commands.filter((command) => name in command);
  while (awaited !== undefined && named(awaited).length === 0)
    await new Promise((resolve) => setImmediate(resolve));
  await sink.close(signal());
  return {
    outcomes,
    named,
    lines: context.lines,
    order: server.commands.map((each) => Object.keys(each)[0]),
  };
}

const record = ['orgid_1', 'apiid_1', 'logBrowserIndex'];
const namesIn = (command: Document | undefined): readonly string[] =>
  ((command?.['indexes'] ?? []) as readonly Document[]).map(({ name }) => String(name));

describe('the indexes of a collection', () => {
  it('are made before the first document, in the background, and once', async () => {
    const { named, order } = await delivered({ batches: [aBatch(1), aBatch(1)] });

    expect(order).toEqual(['listCollections', 'createIndexes', 'insert', 'insert']);
    const [command] = named('createIndexes');
    expect(namesIn(command)).toEqual(record);
    expect(command?.['indexes']).toContainEqual({
      name: 'logBrowserIndex',
      key: { timestamp: -1, orgid: 1, apiid: 1, apikey: 1, responsecode: 1 },
      background: true,
    });
  });

  it('are left as they are where MongoDB has the collection', async () => {
    const { order } = await delivered({ there: ['calls'] });

    expect(order).toEqual(['listCollections', 'insert']);
  });

  test.each([1, 2])(
    'are asked for all the same of type %i, beside the deliveries',
    async (type) => {
      const meta = { mongo_db_type: type, mongo_use_ssl: false, isLate: true };
      const { named, outcomes } = await delivered({ there: ['calls'], meta });

      expect(outcomes).toEqual(['delivered']);
      expect(namesIn(named('createIndexes')[0])).toEqual(record);
      expect(JSON.stringify(named('createIndexes'))).not.toContain('background');
    },
  );

  it('are none where nobody wants any', async () => {
    const { order } = await delivered({ meta: { omit_index_creation: true } });

    expect(order).toEqual(['insert']);
  });

  test.each([
    [0, ['apiid_1', 'expireAt_1', 'logBrowserIndex']],
    [2, ['apiid_1', 'logBrowserIndex']],
  ])('of an organisation, for type %i, are %j', async (mongo_db_type, names) => {
    const batches = [aBatch(2, (at) => ({ org_id: `org${at}` }))];
    const { named } = await delivered({ pump: selective, meta: { mongo_db_type }, batches });

    expect(
      named('createIndexes').map((command): unknown => [
        command['createIndexes'],
        namesIn(command),
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['z_tyk_analyticz_org0', names],
        ['z_tyk_analyticz_org1', names],
      ]),
    );
    const [expiring] = (named('createIndexes')[0]?.['indexes'] as readonly Document[]).filter(
      (index) => 'expireAfterSeconds' in index,
    );
    expect(expiring?.['expireAfterSeconds']).toBe(mongo_db_type === 0 ? 0 : undefined);
  });

  test.each(['createIndexes', 'listCollections'])(
    'cost no record where %s is refused, which is told once',
    async (step) => {
      const answer: Answer = (command) =>
        step in command ? { ok: 0, code: 13, errmsg: 'not authorized' } : {};

      const { outcomes, lines } = await delivered({ answer, batches: [aBatch(1), aBatch(1)] });

      expect(outcomes).toEqual(['delivered', 'delivered']);
      expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    },
  );

  it('are asked for again where the server is away', async () => {
    let asked = 0;
    const answer: Answer = (command) =>
      'createIndexes' in command && (asked += 1) === 1
        ? { ok: 0, code: 10_107, errmsg: 'not primary' }
        : {};

    const { outcomes, order } = await delivered({ answer, batches: [aBatch(1), aBatch(1)] });

    expect(outcomes).toEqual(['retry', 'delivered']);
    expect(order.filter((name) => name === 'createIndexes')).toHaveLength(2);
  });
});

describe('a capped collection', () => {
  const meta = { collection_cap_enable: true, collection_cap_max_size_bytes: 0 };

  it('is made where there is none, of the size that Tyk Pump takes for 0', async () => {
    const { named, order } = await delivered({ meta });

    expect(order.slice(0, 3)).toEqual(['listCollections', 'create', 'createIndexes']);
    expect(named('create')[0]).toMatchObject({
      create: 'calls',
      capped: true,
      size: 5_368_709_120,
    });
  });

  it('is left as it is where there is one, with a word about it', async () => {
    const { order, lines } = await delivered({ meta, there: ['calls'] });

    expect(order).toEqual(['listCollections', 'insert']);
    expect(lines).toMatchObject([{ level: 'warn', fields: { collection: 'calls' } }]);
  });

  test.each([
    [48, 0],
    [2, 1],
  ])('that cannot be made, by code %i, costs no record', async (code, warnings) => {
    const answer: Answer = (command) => ('create' in command ? { ok: 0, code, errmsg: 'no' } : {});

    const { outcomes, lines } = await delivered({ meta, answer });

    expect(outcomes).toEqual(['delivered']);
    expect(lines).toHaveLength(warnings);
  });
});

describe('the collection of an organisation', () => {
  test.each([
    ['5e9d9544a1dcd60001d0ed20', 'delivered'],
    ['Ümläut & co', 'delivered'],
    ['', 'reject'],
    ['a$b', 'reject'],
    ['a\0b', 'reject'],
    ['x'.repeat(200), 'reject'],
    ['a..b', 'reject'],
    ['a.', 'reject'],
    ['a\ufffd', 'reject'],
  ])('of %j', async (org_id, outcome) => {
    const batches = [aBatch(2, (at) => (at === 0 ? { org_id } : { org_id: 'other' }))];
    const { outcomes, named } = await delivered({ pump: selective, batches });

    expect(outcomes).toEqual([outcome, 'delivered']);
    const names = named('insert').map((command) => String(command['insert']));
    expect(names.includes(`z_tyk_analyticz_${org_id}`)).toBe(outcome === 'delivered');
  });
});

import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { millis } from '../../lib/units.ts';
import type { DeadDesk } from '../../operate/dead/desk.ts';
import type { Runner } from '../../operate/runners.ts';
import { recordIdOf } from '../../pump/batch.ts';
import { encodeRecord } from '../../record/testing.ts';
import type { DeadSelection } from '../../route/dead-letters/desk.ts';
import type { DeadLetter } from '../../route/dead-letters/letter.ts';
import { aClock, aContext, aProblem } from '../testing.ts';
import { type DeadCommand, dead, workOn } from './dead.ts';
import { deadFlags, writeTo } from './testing.ts';

const noon = Date.UTC(2026, 0, 31, 12);

const aLetter = (index: number, overrides: Partial<DeadLetter> = {}): DeadLetter => ({
  id: recordIdOf('17-1', index),
  list: 'K',
  route: 'ELASTIC',
  kind: 'invalid',
  reason: 'the document is refused',
  attempts: 2,
  firstAt: millis(noon - 7_200_000),
  lastAt: millis(noon - 3_600_000),
  encoding: 'msgpack',
  bytes: Buffer.from('no record'),
  ...overrides,
});

function aDesk(letters: readonly DeadLetter[], runner: Runner = { state: 'none' }) {
  const changes: (readonly [string, DeadSelection])[] = [];
  const of = (route: string) => letters.filter((letter) => letter.route === route);
  const change = (what: string) => (selection: DeadSelection) => {
    changes.push([what, selection]);
    const chosen = of(selection.route).filter(
      ({ id }) => selection.ids === 'all' || selection.ids.includes(id),
    );
    return Promise.resolve(chosen.length);
  };
  const desk: DeadDesk = {
    find: (route, id) => Promise.resolve(of(route).find((letter) => letter.id === id)),
    piles: () =>
      Promise.resolve(
        [...new Set(letters.map(({ route }) => route))].map((route) => ({
          list: 'K',
          route,
        })),
      ),
    async *list({ route }) {
      yield* await Promise.resolve(of(route));
    },
    retry: change('retry'),
    purge: change('purge'),
    routes: () => Promise.resolve(['ELASTIC', 'QUIET']),
    runner: () => Promise.resolve(runner),
  };
  return { desk, changes };
}

async function run(
  action: DeadCommand['action'],
  desk: DeadDesk,
  said: Partial<DeadCommand['flags']> = {},
) {
  const context = aContext({ clock: aClock(noon) });
  const flags = deadFlags(said);
  const code = await workOn(desk, { kind: 'dead', action, flags }, context, {
    configured: ['NEW'],
    writeOutput: writeTo(context),
  });
  return { code, out: context.out(), err: context.err() };
}

const two = [aLetter(0), aLetter(1, { route: 'undecodable', kind: 'undecodable', attempts: 1 })];

describe('dead ls', () => {
  it('is a table of what there is', async () => {
    const { code, out } = await run('ls', aDesk(two).desk);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'ID      ROUTE        REASON       AGE  BYTES  ATTEMPTS',
      '17-1:0  ELASTIC      invalid      60m  9      2',
      '17-1:1  undecodable  undecodable  60m  9      1',
      '',
    ]);
  });

  it('says it in JSON too', async () => {
    const { code, out } = await run('ls', aDesk(two).desk, { json: true, limit: 1 });
    expect([code, out.split('\n').length]).toEqual([0, 2]);
    expect(JSON.parse(out)).toEqual({
      letters: [
        {
          ...{ id: '17-1:0', route: 'ELASTIC', list: expect.any(String) as string },
          ...{ kind: 'invalid', reason: expect.any(String) as string, attempts: 2 },
          first: expect.stringMatching(/^\d{4}-.*Z$/) as string,
          last: expect.stringMatching(/^\d{4}-.*Z$/) as string,
          encoding: expect.any(String) as string,
          bytes: 9,
        },
      ],
      more: true,
    });
  });

  it('keeps to the routes asked for, however they are written', async () => {
    const { out } = await run('ls', aDesk(two).desk, { route: ['elastic'] });
    expect(out).toContain('17-1:0');
    expect(out).not.toContain('17-1:1');
  });

  it('says that there are none', async () => {
    expect((await run('ls', aDesk([]).desk)).out).toBe('No dead letters.\n');
  });

  it('stops at its limit and says that there is more', async () => {
    const { out } = await run('ls', aDesk(two).desk, { limit: 1 });
    expect(out).not.toContain('17-1:1');
    expect(out).toContain('and more');
  });
});

describe('dead show', () => {
  it('shows the header and the bytes as text', async () => {
    const { code, out } = await run('show', aDesk(two).desk, { id: ['17-1:0'] });
    expect(code).toBe(0);
    expect(out).toContain('reason: the document is refused\n');
    expect(out).toContain('first: 2026-01-31T10:00:00.000Z\n');
    expect(out).toContain('text: no record\n');
    expect(out).not.toContain('record: {');
  });

  it.each([
    ['bytes that are no text', Buffer.from([0xff, 0x00]), 'base64: /wA='],
    ['a text that would steer the terminal', Buffer.from('\u001b[2J'), 'base64: G1sySg=='],
  ])('shows %s as base64', async (_, bytes, expected) => {
    expect((await run('show', aDesk([aLetter(0, { bytes })]).desk)).out).toContain(expected);
  });

  it('lets no reason steer the terminal', async () => {
    const { desk } = aDesk([aLetter(0, { reason: 'a\u001b[2J\u{e0001}' })]);
    expect((await run('show', desk)).out).toContain(String.raw`reason: a\u001b[2J\udb40\udc01`);
  });

  it('fails where there is no such letter', async () => {
    expect(await run('show', aDesk(two).desk, { id: ['other'] })).toEqual({
      code: 1,
      out: '',
      err: 'No such dead letter.\n',
    });
  });
});

describe.each(['retry', 'purge'] as const)('dead %s', (action) => {
  it('changes nothing without --id or --all', async () => {
    const { desk, changes } = aDesk(two);
    const { code, err } = await run(action, desk, { route: ['ELASTIC'] });
    expect([code, changes]).toEqual([1, []]);
    expect(err).toContain('needs --id, --where or --all');
  });

  it('takes the ids given, on every route', async () => {
    const { desk, changes } = aDesk(two);
    const { code, out } = await run(action, desk, { id: ['17-1:0'] });
    expect(changes).toEqual([
      [action, { list: 'K', route: 'ELASTIC', ids: ['17-1:0'] }],
      [action, { list: 'K', route: 'undecodable', ids: ['17-1:0'] }],
    ]);
    expect([code, out.slice(0, 14)]).toEqual([0, '1 dead letter ']);
  });

  it('takes all of a route when told to', async () => {
    const { desk, changes } = aDesk(two);
    await run(action, desk, { all: true, route: ['undecodable'] });
    expect(changes).toEqual([[action, { list: 'K', route: 'undecodable', ids: 'all' }]]);
  });

  it('fails where no id is known', async () => {
    expect((await run(action, aDesk(two).desk, { id: ['other'] })).code).toBe(1);
  });

  it('says in JSON what it did', async () => {
    const { desk } = aDesk(two, { state: 'seen', secondsAgo: 7 });
    const { code, out } = await run(action, desk, { route: ['ELASTIC'], all: true, json: true });
    const who = action === 'retry' ? { instance: { state: 'seen', seconds_ago: 7 } } : {};
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { letters: 1, routes: [{ route: 'ELASTIC', letters: 1, ...who }] },
    ]);
  });
});

describe.each(['ls', 'show', 'retry', 'purge'] as const)('dead %s --route', (action) => {
  it('refuses a route that is not there, and does nothing', async () => {
    const { desk, changes } = aDesk(two);
    const { code, out, err } = await run(action, desk, { route: ['elastik'], all: true });
    expect([code, out, changes]).toEqual([1, '', []]);
    expect(err).toBe(
      'sluice: error: no route elastik; did you mean ELASTIC? (there are ELASTIC, NEW, QUIET, undecodable)\n',
    );
  });
});

describe.each(['quiet', 'New', 'undecodable'])('the route %s', (route) => {
  it('is known without a dead letter', async () => {
    expect(await run('ls', aDesk([]).desk, { route: [route] })).toMatchObject({ code: 0, err: '' });
  });
});

describe('dead retry', () => {
  it.each<[string, Runner, string]>([
    ['ELASTIC', { state: 'runs' }, 'ELASTIC: a running instance delivers them.'],
    ['ELASTIC', { state: 'none' }, 'ELASTIC: no instance runs that delivers them; they wait'],
    [
      'ELASTIC',
      { state: 'seen', secondsAgo: 7 },
      'an instance was seen 7 s ago; it delivers them if',
    ],
    ['undecodable', { state: 'runs' }, 'What is no record is back in its list: a running instance'],
    ['undecodable', { state: 'none' }, 'back in its list: no instance runs that claims it'],
  ])('of %s with %j says who delivers', async (route, runner, expected) => {
    const { out } = await run('retry', aDesk(two, runner).desk, { route: [route], all: true });
    expect(out).toContain(expected);
  });
});

describe('dead', () => {
  const command: DeadCommand = {
    kind: 'dead',
    action: 'ls',
    flags: deadFlags(),
  };

  it('needs a configuration without errors', async () => {
    const context = aContext({
      load: () =>
        Promise.resolve({ config: undefined, pumps: [], problems: [aProblem()], notes: [] }),
    });
    const connect = () => Promise.reject(new Error('never asked'));
    expect(await dead(command, context, { connect, writeOutput: writeTo(context) })).toBe(1);
    expect(context.err()).toContain('error: pump.conf: purge_delay');
  });

  it('says which Redis does not answer', async () => {
    const context = aContext();
    const connect = () => new Promise<never>(() => undefined);
    expect(await dead(command, context, { connect, writeOutput: writeTo(context) })).toBe(1);
    expect(context.err()).toBe('sluice: error: Redis at redis:6379: no answer within 5 s\n');
  });
});

describe('dead ls --by-reason', () => {
  const letters = [
    aLetter(0, { reason: 'refused: a\u001b[2J' }),
    aLetter(1),
    aLetter(2, { lastAt: millis(noon - 60_000) }),
    aLetter(3, { route: 'undecodable', kind: 'undecodable' }),
  ];

  it('counts by route and reason, most first, and lets no reason steer the terminal', async () => {
    const { code, out } = await run('ls', aDesk(letters).desk, { 'by-reason': true });
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'LETTERS  ROUTE        KIND         LAST  REASON',
      '2        ELASTIC      invalid      60s   the document is refused',
      String.raw`1        ELASTIC      invalid      60m   refused: a\u001b[2J`,
      '1        undecodable  undecodable  60m   the document is refused',
      '',
    ]);
  });

  it('says it in JSON, as many as wanted', async () => {
    const { out } = await run('ls', aDesk(letters).desk, {
      ...{ 'by-reason': true, json: true, limit: 1 },
    });
    expect(JSON.parse(out)).toEqual({
      reasons: [
        {
          ...{ route: 'ELASTIC', kind: 'invalid', reason: 'the document is refused' },
          ...{ letters: 2, bytes: 18 },
          ...{ first: '2026-01-31T10:00:00.000Z', last: '2026-01-31T11:59:00.000Z' },
        },
      ],
      more: true,
    });
  });

  it('keeps what reasons there are within bounds', async () => {
    const many = Array.from({ length: 10_005 }, (_, index) =>
      aLetter(index, { reason: `record ${index}` }),
    );
    const { out } = await run('ls', aDesk(many).desk, { 'by-reason': true, limit: 1 });
    expect(out).toContain('5        ELASTIC  invalid  60m   (other reasons)');
  });
});

describe('dead export', () => {
  const call = aLetter(0, {
    bytes: encodeRecord({ path: '/pets\u202e', response_code: 503 }),
    reason: 'no\u001b[2J',
  });
  const letters = [call, aLetter(1), aLetter(2, { route: 'unread', bytes: Buffer.alloc(0) })];

  it('writes a line of JSON for each letter, with the bytes of its record', async () => {
    const { code, out, err } = await run('export', aDesk(letters).desk, { limit: 1 });
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      {
        ...{ id: '17-1:0', route: 'ELASTIC', list: 'K', kind: 'invalid', attempts: 2 },
        ...{ first: '2026-01-31T10:00:00.000Z', last: '2026-01-31T11:00:00.000Z' },
        ...{ encoding: 'msgpack', reason: 'no\u001b[2J' },
        base64: Buffer.from(call.bytes).toString('base64'),
      },
      { id: '17-1:1', base64: Buffer.from('no record').toString('base64') },
      { id: '17-1:2', base64: null },
    ]);
    expect(out).not.toMatch(/[^\P{C}\n]/u);
    expect(JSON.parse(lines[0] ?? '')).not.toHaveProperty('record');
    expect(err).toBe(
      'sluice: warning: 1 are larger than Redis sends; their lines have no record.\n',
    );
  });

  it('decodes the records where asked to', async () => {
    const { out } = await run('export', aDesk(letters).desk, { decode: true, route: ['ELASTIC'] });
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: '17-1:0', record: { path: '/pets\u202e', response_code: 503 } },
      { id: '17-1:1', record: null },
    ]);
  });

  it('takes what is selected', async () => {
    const { out } = await run('export', aDesk(letters).desk, { where: 'status:5xx' });
    expect(out.match(/"id":"[^"]*"/g)).toEqual(['"id":"17-1:0"']);
  });

  it('writes a file that is the operator’s alone, and never over another', async () => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'export-')), 'letters.ndjson');
    const first = await run('export', aDesk(letters).desk, { output: file });
    expect(first).toMatchObject({ code: 0, out: '' });
    expect(first.err).toContain('3 dead letters exported.\n');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(3);
    expect(await run('export', aDesk([]).desk, { output: file })).toEqual({
      ...{ code: 1, out: '' },
      err: `sluice: error: ${file}: is there already, and is not written over\n`,
    });
    expect((await readFile(file, 'utf8')).trimEnd().split('\n')).toHaveLength(3);
  });

  it('says that nobody reads it any more, and that these are not all', async () => {
    const context = aContext();
    const code = await workOn(
      aDesk(letters).desk,
      { kind: 'dead', action: 'export', flags: deadFlags() },
      context,
      { configured: [], writeOutput: () => Promise.reject(new Error('write EPIPE')) },
    );
    expect(code).toBe(1);
    expect(context.err()).toBe(
      'sluice: error: standard output: write EPIPE\n0 dead letters exported; these are not all.\n',
    );
  });
});

describe('a flag of another action', () => {
  it.each([
    ['export', { 'by-reason': true }, "'--by-reason' is one of 'dead ls'"],
    ['ls', { decode: true }, "'--decode' is one of 'dead export'"],
    ['purge', { output: 'x', all: true }, "'--output' is one of 'dead export'"],
  ] as const)('is refused by %s', async (action, said, expected) => {
    const { desk, changes } = aDesk(two);
    const { code, err } = await run(action, desk, said);
    expect([code, changes]).toEqual([1, []]);
    expect(err).toContain(expected);
  });
});

describe('dead with --where', () => {
  const call = (index: number, path: string, encoding: 'msgpack' | 'protobuf' = 'msgpack') =>
    aLetter(index, { encoding, bytes: encodeRecord({ path, response_code: 503 }, encoding) });
  const letters = [
    call(0, '/pets'),
    call(1, '/orders'),
    call(2, '/pets', 'protobuf'),
    aLetter(3),
    aLetter(4, { list: 'tyk-uptime-analytics', bytes: encodeRecord({ path: '/pets' }) }),
  ];

  it('shows and changes those alone whose record is selected', async () => {
    const where = 'path:/pets status:5xx';
    const { out } = await run('ls', aDesk(letters).desk, { where });
    expect(out.match(/^17-1:\d/gm)).toEqual(['17-1:0', '17-1:2']);
    const { desk, changes } = aDesk(letters);
    expect((await run('purge', desk, { where, route: ['elastic'] })).code).toBe(0);
    expect(changes).toEqual([
      ['purge', { list: 'K', route: 'ELASTIC', ids: ['17-1:0', '17-1:2'] }],
    ]);
    const both = aDesk(letters);
    await run('retry', both.desk, { where, id: ['17-1:2', '17-1:1'] });
    expect(both.changes).toMatchObject([['retry', { ids: ['17-1:2'] }]]);
  });

  it('changes nothing where none is selected', async () => {
    const { desk, changes } = aDesk(letters);
    expect(await run('retry', desk, { where: 'method:PUT path:/nowhere' })).toMatchObject({
      code: 0,
    });
    expect(changes).toEqual([]);
  });

  it('names many in calls of a thousand', async () => {
    const many = Array.from({ length: 2_500 }, (_, index) => call(index, '/pets'));
    const { desk, changes } = aDesk(many);
    await run('retry', desk, { where: 'path:/pets' });
    expect(changes.map(([, { ids }]) => ids.length)).toEqual([1_000, 1_000, 500]);
  });

  it('points at what is wrong with the expression, and changes nothing', async () => {
    const { desk, changes } = aDesk(letters);
    const { code, err } = await run('purge', desk, { where: 'pth:/pets', all: true });
    expect([code, changes]).toEqual([1, []]);
    expect(err).toMatch(/^pth:\/pets\n\^ found "pth", expected /);
  });
});

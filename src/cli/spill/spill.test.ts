import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aList } from '../../purge/testing.ts';
import { encodeRecord } from '../../record/testing.ts';
import { encodeFrame } from '../../spill/frame.ts';
import { bootId } from '../../spill/lock.ts';
import { aRange, scratch } from '../../spill/testing.ts';
import { aConfig, aContext, aLoaded } from '../testing.ts';
import { drain } from './drain.ts';
import { spill } from './spill.ts';

let root: string;
beforeEach(async () => {
  root = await scratch();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const flagsOf = (said: object) => ({
  ...{
    help: false,
    conf: 'x',
    dir: '',
    instance: [],
    route: [],
    limit: 100,
    records: false,
    where: '',
    json: false,
  },
  ...said,
});

type Action = 'ls' | 'show' | 'drain';

async function run(action: Action, said: object, spillDir = '') {
  const config = aConfig();
  const bounds = { ...config.bounds, spillDir };
  const context = aContext({ load: () => Promise.resolve(aLoaded({ ...config, bounds })) });
  const command = { kind: 'spill', flags: flagsOf(said) } as const;
  const never = () => Promise.reject(new Error('never asked'));
  const code =
    action === 'drain'
      ? await drain({ ...command, action }, context, {
          ...{ instance: 'me', host: 'here', processId: 1, writeOutput: never },
          ...{
            connect: never,
            findPump: never,
            log: {} as never,
            logTaken: never,
            mask: (text) => text,
          },
        })
      : await spill({ ...command, action }, context, { host: 'here' });
  return { code, out: context.out(), err: context.err() };
}

/** An instance's folder as it is after its end. */
async function anInstance(name: string, route = 'FAKE'): Promise<void> {
  const place = path.join(root, name, 'routes', route, name);
  await mkdir(place, { recursive: true });
  const holder = { host: 'here', pid: 1, boot: await bootId(), since: '' };
  await writeFile(path.join(root, name, 'lock.json'), JSON.stringify(holder));
  await writeFile(path.join(place, `1-${'0'.repeat(16)}.spill`), '');
}

describe.each<Action>(['ls', 'show', 'drain'])('spill %s', (action) => {
  it.each([
    ['by a flag', (dir: string) => [{ dir }, ''] as const],
    ['by the configuration', (dir: string) => [{}, dir] as const],
  ])('refuses a folder that is not there, named %s, and makes none', async (_, named) => {
    const missing = path.join(root, 'spil');
    const { code, out, err } = await run(action, ...named(missing));

    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`there is no folder ${missing}`);
    expect(await readdir(root)).toEqual([]);
  });

  it('refuses a file', async () => {
    const file = path.join(root, 'file');
    await writeFile(file, '');
    expect((await run(action, { dir: file })).err).toContain('is no folder');
  });

  it('refuses a folder of somebody else and leaves it alone', async () => {
    await mkdir(path.join(root, 'db', 'routes'), { recursive: true });
    const { code, out, err } = await run(action, { dir: root });

    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('holds what no instance of Sluice wrote (db)');
    expect((await readdir(root, { recursive: true })).sort()).toEqual(['db', 'db/routes']);
  });

  it.each([
    [{ instance: ['hots-1'] }, 'no instance hots-1; did you mean host-1? (there are host-1)'],
    [{ route: ['FAK'] }, 'no route FAK; did you mean FAKE? (there are FAKE)'],
  ])('refuses a name that is not there: %j', async (said, message) => {
    await anInstance('host-1');
    const { code, err } = await run(action, { dir: root, ...said });

    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});

it('lists what is ours beside what is not', async () => {
  await anInstance('host-1');
  await writeFile(path.join(root, 'notes\u001b[2J.txt'), '');
  const { code, out, err } = await run('ls', { dir: root });

  expect(code).toBe(0);
  expect(out).toMatch(/host-1 +none +FAKE/);
  expect(err).toContain('wrote (notes\\u001b[2J.txt); that is left alone');
});

describe('spill show --where', () => {
  beforeEach(async () => {
    await anInstance('host-1');
    const elements = ['/pets', '/orders'].map((each) =>
      encodeRecord({ path: each, response_code: each === '/pets' ? 503 : 200 }),
    );
    const range = aRange({ list: aList('analytics-tyk-system-analytics') });
    const frame = encodeFrame(Buffer.alloc(8), range, [...elements, Buffer.from('no record')]);
    const file = `1-${'0'.repeat(16)}.spill`;
    await writeFile(path.join(root, 'host-1', 'routes', 'FAKE', 'host-1', file), frame);
  });

  it('shows the records that are selected, and no range without one', async () => {
    const { code, out } = await run('show', { dir: root, where: 'status:5xx' });
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringContaining('records segment-1:0…2'),
      expect.stringContaining('"path":"/pets"'),
    ]);
    expect(await run('show', { dir: root, where: 'status:404' })).toEqual({
      ...{ code: 1, out: '' },
      err: 'No such record waits on disk.\n',
    });
  });

  it('says what is wrong with an expression, and is not passed over elsewhere', async () => {
    const { code, err } = await run('show', { dir: root, where: 'status:' });
    expect([code, err]).toEqual([1, expect.stringContaining('status:')]);
    for (const action of ['ls', 'drain'] as const)
      expect(await run(action, { dir: root, where: 'status:5xx' })).toMatchObject({
        ...{ code: 1, out: '' },
        err: "sluice: error: flag '--where' is one of 'spill show', try --help\n",
      });
  });
});

it('makes nothing in a folder from which nothing is to be delivered', async () => {
  expect(await run('drain', { dir: root })).toMatchObject({
    code: 0,
    out: 'Nothing waits on disk.\n',
  });
  expect(JSON.parse((await run('drain', { dir: root, json: true })).out)).toEqual({
    ...{ answered: 0, left: 0, reason: 'Nothing waits on disk.' },
  });
  expect(await readdir(root)).toEqual([]);
});

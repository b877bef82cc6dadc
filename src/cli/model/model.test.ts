import { describe, expect, it } from 'vitest';
import { ViolationBook } from '../../model/compare/violation-book.ts';
import { decodeModel } from '../../model/state/decode.ts';
import { encodeModel } from '../../model/state/encode.ts';
import { aCall, aModel } from '../../model/testing.ts';
import type { Command } from '../command-line/command.ts';
import { parseCommandLine } from '../command-line/parse-command-line.ts';
import { aContext } from '../testing.ts';
import { model } from './model.ts';

const pets = aModel([
  aCall('GET /pets/7', { got: { id: 7 } }),
  aCall('GET /pets/8', { status: 404 }),
]);
const violations = new ViolationBook();
violations.add(
  {
    host: 'api.example.com',
    method: 'GET',
    path: '/pets/{petId}',
    place: '200.id',
    what: 'missing',
  },
  '1-ab:7',
  1_700_000_000_000,
);
const files: Readonly<Record<string, string>> = {
  'pets.json': encodeModel(pets),
  'dogs.json': encodeModel(aModel([aCall('GET /dogs')]), violations),
  'other.json': '{}',
};

async function run(line: string): Promise<{ code: number; out: string; err: string }> {
  const command = parseCommandLine(line.split(' '), {}) as Extract<Command, { kind: 'model' }>;
  const context = aContext();
  const code = await model(command, context, {
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(text);
    },
  });
  return { code, out: context.out(), err: context.err() };
}

describe('sluice model', () => {
  it('lists the operations', async () => {
    const { code, out } = await run('model pets.json');

    expect(code).toBe(0);
    expect(out).toMatch(/api\.example\.com +GET +\/pets\/\{petId\} +2 +200 404 +12 ms/);
    expect(out).toContain('1 operations in 2 calls');
  });

  it('prints a description', async () => {
    const { out } = await run('model pets.json --openapi --title Pets');

    expect(JSON.parse(out)).toMatchObject({ openapi: '3.1.0', info: { title: 'Pets' } });
  });

  it('prints JSON, with times in UTC and durations in seconds', async () => {
    const { out } = await run('model pets.json --json');

    expect(JSON.parse(out)).toMatchObject({
      operations: [{ path: '/pets/{petId}', p95: 0.012, last_seen: '2023-11-14T22:13:20.000Z' }],
    });
  });

  it('fails where something changed that breaks clients', async () => {
    const broken = await run('model diff pets.json dogs.json');
    const same = await run('model diff pets.json pets.json');

    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(
      /breaking +GET api\.example\.com\/pets\/\{petId\} +operation removed/,
    );
    expect(same).toMatchObject({ code: 0, out: 'no changes\n' });
  });

  it('lists violations with the records that they were seen in', async () => {
    const { code, out } = await run('model violations dogs.json');

    expect(code).toBe(1);
    expect(out).toMatch(/1 +GET api\.example\.com\/pets\/\{petId\} +200\.id +missing .*1-ab:7/);
    expect((await run('model violations pets.json')).code).toBe(0);
  });

  it('prints the model of several instances as one', async () => {
    const { code, out } = await run('model merge pets.json dogs.json pets.json');
    const { model: whole, violations: counted } = decodeModel(out);

    expect(code).toBe(0);
    expect(whole.calls).toBe(5);
    expect(counted.sorted()).toMatchObject([
      { count: 1, examples: [['1-ab:7', 1_700_000_000_000]] },
    ]);
  });

  it('merges nothing where one is no model, and names each that is none', async () => {
    const { code, out, err } = await run('model merge other.json pets.json gone.json');

    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(/other\.json: it is not a model.*\n.*gone\.json: ENOENT/);
  });

  it('says which file is no model, and why', async () => {
    const { code, err } = await run('model other.json');

    expect(code).toBe(1);
    expect(err).toBe('error: other.json: it is not a model: there is no .sluiceModel in it\n');
  });

  it.each([
    'model',
    'model diff pets.json',
    'model a b',
    'model violations',
    'model merge pets.json',
  ])('asks for what is missing: %s', (line) => {
    expect(parseCommandLine(line.split(' '), {})).toMatchObject({ kind: 'usage' });
  });
});

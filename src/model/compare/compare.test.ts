import { describe, expect, it } from 'vitest';
import type { Call } from '../calls/call.ts';
import { resolvedModel } from '../output/resolved-model.ts';
import { aCall, aModel } from '../testing.ts';
import { diffOf } from './diff.ts';
import { Baseline } from './violations.ts';

const times = (count: number, make: (index: number) => Call): readonly Call[] =>
  Array.from({ length: count }, (_, index) => make(index));

const pets = times(20, (index) =>
  aCall(`GET /pets/${String(index)}?limit=5`, { got: { id: index, name: 'Rex', tag: null } }),
);
const model = (calls: readonly Call[]) => resolvedModel(aModel(calls));

describe('a diff', () => {
  const changed = (calls: readonly Call[], before = pets): readonly string[] =>
    diffOf(model(before), model(calls)).map(
      ({ isBreaking, place, what }) => `${isBreaking ? 'breaking ' : ''}${place} ${what}`,
    );

  it('is empty between the same, whatever their parameters are called', () => {
    expect(changed(pets)).toEqual([]);
  });

  it.each<[string, readonly Call[], readonly string[]]>([
    [
      'an apiPath that is gone',
      [aCall('GET /dogs')],
      [' operation added', 'breaking  operation removed'],
    ],
    [
      'a parameter that became required',
      pets.map((call) => ({ ...call, request: aCall('GET /?limit=5&page=2').request })),
      ['breaking query.page added, required'],
    ],
    [
      'a type that changed',
      times(20, (index) =>
        aCall(`GET /pets/${String(index)}?limit=5`, { got: { id: 'x', name: 'Rex', tag: null } }),
      ),
      ['breaking 200.id type changed from integer to string'],
    ],
    [
      'a member that is gone, and one that is new',
      times(20, (index) =>
        aCall(`GET /pets/${String(index)}?limit=5`, { got: { id: index, tag: null, age: 2 } }),
      ),
      ['200.age added, required', 'breaking 200.name removed'],
    ],
    [
      'a status that is new',
      [...pets, aCall('GET /pets/9?limit=5', { status: 409 })],
      ['409 status added'],
    ],
  ])('tells %s', (_, calls, expected) => {
    expect(changed(calls)).toEqual(expected);
  });

  it('tells credentials that became required', () => {
    const closed = times(20, (index) =>
      aCall(`GET /pets/${String(index)}?limit=5`, {
        got: { id: index, name: 'Rex', tag: null },
        headers: [['authorization', 'Bearer abc']],
      }),
    );

    expect(changed(closed)).toContain('breaking security credentials became required');
  });
});

describe('a call that is held to a baseline', () => {
  const baseline = new Baseline(model(pets));
  const told = (call: Call): readonly string[] =>
    baseline
      .violationsOf(aModel([]).read(call))
      .map(({ path, place, what }) => `${path} ${place} ${what}`.trim());
  const fine = { id: 1, name: 'Rex', tag: null };

  it('is fine where it is like those before', () => {
    expect(told(aCall('GET /pets/77?limit=9', { got: fine }))).toEqual([]);
    expect(told(aCall('GET /nothing', { status: 404 }))).toEqual([]);
  });

  it.each<[Call, readonly string[]]>([
    [aCall('GET /dogs'), ['unknown path']],
    [aCall('DELETE /pets/1'), ['/pets/{petId}  unknown method']],
    [aCall('GET /pets/1?limit=5', { status: 500 }), ['/pets/{petId} 500 unknown status']],
    [aCall('GET /pets/1', { got: fine }), ['/pets/{petId} query.limit missing']],
    [aCall('GET /pets/1?limit=5&x=1', { got: fine }), ['/pets/{petId} query.x unknown']],
    [
      aCall('GET /pets/1?limit=5', { got: { ...fine, id: 'secret' } }),
      ['/pets/{petId} 200.id string where only integer was seen'],
    ],
    [
      aCall('GET /pets/1?limit=5', { got: { id: 1, tag: null } }),
      ['/pets/{petId} 200.name missing'],
    ],
    [
      aCall('GET /pets/1?limit=5', { got: { ...fine, more: 1 } }),
      ['/pets/{petId} 200.more unknown'],
    ],
    [aCall('GET /pets/1', { host: 'other.example' }), ['unknown host']],
  ])('is told where it differs', (call, expected) => {
    expect(told(call)).toEqual(expected);
  });
});

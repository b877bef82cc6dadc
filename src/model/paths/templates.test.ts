import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../calls/call.ts';
import { aCall, aModel } from '../testing.ts';
import { apiPathsOf, resolved } from './resolve.ts';

function templatesOf(calls: Iterable<Call>): readonly string[] {
  const model = aModel(calls);
  return [...model.hosts.values()].flatMap((root) =>
    apiPathsOf(resolved(root)).map(({ template }) => template),
  );
}

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** A word of letters alone for each number. */
const wordOf = (number: number): string =>
  Array.from(String(number), (digit) => 'abcdefghij'[Number(digit)]).join('x');

describe('a segment that is a value by its looks', () => {
  it.each([
    ['42', '/users/{userId}'],
    ['7c9e6679-7425-40de-944b-e07fc1f90ae7', '/users/{userId}'],
    ['507f1f77bcf86cd799439011', '/users/{userId}'],
    ['2026-12-01', '/users/{userDate}'],
    ['ann%40example.com', '/users/{userEmail}'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', '/users/{userId}'],
    ['cus_9s6XKzkNRiz8i3', '/users/{userId}'],
    ['dGhpcyBpcyBhIHRlc3Q5', '/users/{userId}'],
  ])('is a parameter at once: %s', (value, template) => {
    expect(templatesOf([aCall(`GET /users/${value}`)])).toEqual([template]);
  });

  it.each(['v1alpha1', 'v2.1', 'oauth2', 'me', 'user-profiles', 'createWithArray', 'ipv4'])(
    'is a word: %s',
    (word) => {
      expect(templatesOf([aCall(`GET /${word}/list`)])).toEqual([`/${word}/list`]);
    },
  );

  it('keeps what stands behind the value', () => {
    expect(templatesOf([aCall('GET /calls/7f.json'), aCall('GET /calls/12.json')])).toContain(
      '/calls/{callId}.json',
    );
  });
});

describe('segments that are words by their looks', () => {
  it('are values where each is new', () => {
    const calls = times(30, (index) =>
      aCall(`GET /users/${wordOf(index)}`, { got: { name: 'x' } }),
    );

    expect(templatesOf(calls)).toEqual(['/users/{userName}']);
  });

  it('are values where they come again and again, with the same schemas', () => {
    const got = { login: 'x', email: 'a@example.com', admin: true };
    const calls = times(900, (index) => aCall(`GET /users/${wordOf(index % 30)}`, { got }));

    expect(templatesOf(calls)).toEqual(['/users/{userName}']);
  });

  it.each([2, 3, 5, 10])('are values where there are only %i, with the same schemas', (count) => {
    const got = { login: 'x', email: 'a@example.com', admin: true };
    const calls = [
      ...times(60, (index) => aCall(`GET /users/${wordOf(index % count)}`, { got })),
      ...times(60, (index) => aCall(`DELETE /users/${wordOf(index % count)}`, { status: 204 })),
      ...times(60, (index) =>
        aCall(`GET /users/${wordOf(index % count)}/posts`, { got: [{ title: 'x', text: 'y' }] }),
      ),
      ...times(60, () => aCall('GET /health', { got: { ok: true } })),
      ...times(60, () => aCall('GET /users', { got: [{ login: 'x' }] })),
    ];

    expect(templatesOf(calls)).toEqual([
      '/health',
      '/users',
      '/users/{userName}',
      '/users/{userName}/posts',
    ]);
  });

  it('stay words where only some of many have the same schemas', () => {
    const people = [{ login: 'x', email: 'a@example.com' }];
    const calls = times(40, (index) => [
      aCall(`GET /repos/${String(index)}/stargazers`, { got: people }),
      aCall(`GET /repos/${String(index)}/subscribers`, { got: people }),
      aCall(`GET /repos/${String(index)}/issues`, { got: [{ title: 'x', open: true }] }),
      aCall(`GET /repos/${String(index)}/tags`, { got: [{ tag: 'x', commit: 'y' }] }),
    ]).flat();

    expect(templatesOf(calls)).toHaveLength(4);
  });

  it('stay words where one answers with a thing and the other with a list of them', () => {
    const pet = { name: 'Rex', age: 3 };
    const calls = [
      ...times(40, (index) => aCall(`GET /pets/${wordOf(index)}`, { got: pet })),
      ...times(40, () => aCall('GET /pets/owned', { got: [pet] })),
      ...times(40, () => aCall('GET /pets/lost', { got: [pet] })),
    ];

    expect(templatesOf(calls)).toEqual(['/pets/lost', '/pets/owned', '/pets/{petName}']);
  });

  it('stay words where each has a schema of its own', () => {
    const calls = times(900, (index) => {
      const word = wordOf(index % 30);
      return aCall(`GET /api/${word}`, { got: { [`${word}_name`]: 'x', [`${word}_size`]: 1 } });
    });

    expect(templatesOf(calls)).toHaveLength(30);
  });

  it('leave a word beside them alone that is called often', () => {
    const calls = [
      ...times(60, (index) => aCall(`GET /gists/${wordOf(index)}`, { got: { files: {} } })),
      ...times(60, () => aCall('GET /gists/starred', { got: [{ id: 1 }] })),
    ];

    expect(templatesOf(calls)).toEqual(['/gists/starred', '/gists/{gistName}']);
  });

  it('are part of the path where a number or a date never changes', () => {
    const calls = ['issue', 'field', 'role', 'user', 'group'].flatMap((word) =>
      times(10, () => aCall(`GET /rest/api/3/${word}`)),
    );

    expect(templatesOf(calls)).toContain('/rest/api/3/issue');
  });
});

it('leaves out what was never there', () => {
  expect(templatesOf([aCall('GET /wp-admin.php', { status: 404 }), aCall('GET /pets')])).toEqual([
    '/pets',
  ]);
});

it('does not depend on the order of the calls', () => {
  const calls = [
    ...times(40, (index) => aCall(`GET /users/${wordOf(index)}`, { got: { name: 'x' } })),
    ...times(40, (index) => aCall(`GET /users/${wordOf(index)}/orders/${String(index)}`)),
    ...times(40, () => aCall('GET /users/search', { got: [{ name: 'x' }] })),
    ...times(40, (index) => aCall(`GET /pets/${String(index)}`)),
    ...times(10, () => aCall('GET /health', { got: { ok: true } })),
  ];
  const expected = templatesOf(calls);

  fc.assert(
    fc.property(fc.shuffledSubarray(calls, { minLength: calls.length }), (shuffled) => {
      expect(templatesOf(shuffled)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

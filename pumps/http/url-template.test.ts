import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { longestPath, readUrlTemplate } from './url-template.ts';

const pathFor = (template: string, record: RecordOverrides): string | undefined =>
  pathsOf(template)(record);

function pathsOf(template: string): (record: RecordOverrides) => string | undefined {
  const parsed = readUrlTemplate(template);
  if (!parsed.ok) throw new Error(parsed.problem.expected);
  return (record) => parsed.value.pathOf?.(anEntry(record));
}

/** As a record holds it: what is no character is U+FFFD. */
const inUtf8 = (text: string): string => Buffer.from(text).toString();

function problemOf(template: string) {
  const parsed = readUrlTemplate(template);
  return parsed.ok ? undefined : parsed.problem;
}

describe('an address with fields', () => {
  it('has them percent-encoded, in its path and in its query', () => {
    const path = pathFor('https://h/a/{{api_id}}/b?org={{org_id}}&x=1', {
      api_id: 'a/b?c#d e',
      org_id: 'ü&y=2',
    });

    expect(path).toBe('/a/a%2Fb%3Fc%23d%20e/b?org=%C3%BC%26y%3D2&x=1');
  });

  it('has numbers, lists and what stands for an empty value', () => {
    const record = { response_code: 404, tags: ['a', 'b'], oauth_id: '' };

    expect(pathFor('http://h/{{response_code}}/{{tags}}/{{oauth_id|none}}', record)).toBe(
      '/404/%5B%22a%22%2C%22b%22%5D/none',
    );
    expect(pathFor('http://h/{{latency.total}}', { latency: { total: 7 } })).toBe('/7');
  });

  it.each(['', '.', '..'])('is none where a value makes another path of it: "%s"', (api_id) => {
    expect(pathFor('http://h/logs/{{api_id}}/x', { api_id })).toBeUndefined();
    expect(pathFor('http://h/logs/a-{{api_id}}/x', { api_id })).toMatch(/^\/logs\/a-/);
  });

  it('is none where it would be too long', () => {
    expect(pathFor('http://h/{{path}}', { path: 'x'.repeat(longestPath) })).toBeUndefined();
  });

  it('keeps every value within its part, whatever it is', () => {
    const render = pathsOf('http://h/a/{{api_id}}/z?one={{org_id}}&two=2');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (api_id, org_id) => {
        const path = render({ api_id, org_id });
        if (path === undefined) return ['', '.', '..'].includes(api_id);
        const url = new URL(path, 'http://h');
        const [, first, middle = '', last, ...more] = url.pathname.split('/');
        return (
          `${first} ${last} ${more.length}` === 'a z 0' &&
          decodeURIComponent(middle) === inUtf8(api_id) &&
          url.searchParams.get('one') === inUtf8(org_id) &&
          [...url.searchParams].length === 2 &&
          url.hash === ''
        );
      }),
    );
  });

  it('is the same for all records without fields', () => {
    const parsed = readUrlTemplate('https://h/a?b=c');

    expect(parsed).toMatchObject({ ok: true, value: { pathOf: undefined } });
  });

  it.each([
    ['http://h/{{api_id', 10, 'a "{{" without its "}}"'],
    ['http://h/{{}}', 12, 'no name of a field'],
    ['http://h/{{a b}}', 12, 'no name of a field'],
    ['http://h/{{no_such}}', 12, 'a field that no record has'],
    ['http://{{host}}/a', 8, 'a field in the scheme, user, host, port or fragment'],
    ['http://h:{{response_code}}/a', 1, 'no such URL'],
    ['http://u:{{api_key}}@h/a', 10, 'a field in the scheme, user, host, port or fragment'],
    ['http://h/a#{{api_id}}', 12, 'a field in the scheme, user, host, port or fragment'],
  ])('is refused at its character: %s', (template, at, found) => {
    expect(problemOf(template)).toMatchObject({ at, found });
  });
});

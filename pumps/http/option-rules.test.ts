import { describe, expect, it } from 'vitest';
import http from './index.ts';

function prepare(meta: object) {
  const { problems, secrets, pump } = http.prepare({
    raw: { url: 'http://localhost:8000', ...meta },
    source: 'test',
    key: 'meta',
    env: {},
    envPrefix: http.envPrefix,
  });
  const said = problems.map(({ key, found, expected }) => `${key}: ${found}, not ${expected}`);
  return { said, secrets, pump };
}

describe('what one option alone cannot say', () => {
  it.each([
    [{ url: 'http://h/{{nope}}' }, /^meta\.url: a field that no record has at character 12/],
    [{ body: '{"a":{{method}}' }, /^meta\.body: the end at character 16, not "," or "}"/],
    [{ method: 'GET' }, /^meta\.method: another text, not "POST"/],
    [{ method: '{{nope}}' }, /^meta\.method: a field that no record has at character 3/],
    [{ token: 't', username: 'u' }, /^meta\.token: a token and a user/],
    [{ password: 'p' }, /^meta\.password: a password without a user/],
    [{ headers: { 'a b': 'c' } }, /^meta\.headers: a name that no header has/],
    [{ headers: { a: 'b\r\nc: d' } }, /^meta\.headers: a value with a line end/],
    [
      { headers: { 'Content-Length': '1' } },
      /^meta\.headers\[Content-Length\]: a header that says/,
    ],
    [{ token: 'a\nb' }, /^meta\.token: a line end/],
    [{ idempotency_header: 'a b' }, /^meta\.idempotency_header: a name/],
    [{ statuses: { 99: 'retry' } }, /^meta\.statuses: a key that is no status/],
    [{ statuses: { 409: 'drop' } }, /^meta\.statuses\[409\]: another text/],
    [{ labels: { 'a-b': 'c' } }, /^meta\.labels: a name that no label has/],
    [
      { labels: { a: '{{nope}}' } },
      /^meta\.labels\[a\]: a field that no record has at character 3/,
    ],
    [{ preset: 'loki', labels: {} }, /^meta\.labels: none, not at least one/],
    [{ url: 'ftp://h' }, /^meta\.url: no such URL/],
  ])('is refused: %j', (meta, words) => {
    const { said, pump } = prepare(meta);

    expect(said.join('\n')).toMatch(words);
    expect(pump).toBeUndefined();
  });

  it.each([
    [{}],
    [{ method: '{{method}}', statuses: { 409: 'delivered', '5xx': 'retry' } }],
    [{ headers: { 'X-Api-Key': 'secret' }, idempotency_header: 'Idempotency-Key' }],
    [{ url: 'https://u:p@h/{{api_id}}?a={{org_id}}' }],
  ])('is fine: %j', (meta) => {
    expect(prepare(meta).said).toEqual([]);
  });

  it('says nothing of a secret, and has it masked', () => {
    const { said, secrets } = prepare({
      url: 'http://h/hunter1/{{nope}}',
      headers: { 'X-Key': 'hunter2\n' },
    });

    expect(said.join()).not.toMatch(/hunter/);
    expect(secrets).toContain('hunter2');
  });
});

describe('the limits', () => {
  it.each([
    [{}, { records: 1_000, bytes: 5 * 1024 ** 2 }],
    [
      { batch_records: 5_000, batch_bytes: '9MiB' },
      { records: 5_000, bytes: 9 * 1024 ** 2 },
    ],
    [{ batch_bytes: '1GiB' }, { bytes: 32 * 1024 ** 2 }],
    [
      { preset: 'datadog', batch_records: 5_000 },
      { records: 1_000, bytes: 5_000_000 },
    ],
    [{ preset: 'newrelic', batch_bytes: '9MiB' }, { bytes: 1_000_000 }],
    [{ preset: 'newrelic', batch_bytes: '500KiB' }, { bytes: 500 * 1024 }],
  ])('of %j', (meta, limits) => {
    expect(prepare(meta).pump?.limits).toMatchObject(limits);
  });
});

import { describe, expect, it } from 'vitest';
import type { Said } from '#pump';
import { failureOf } from '#pump/testing';
import { isAnonymous, judgeBulk, judgeSingle } from './answer.ts';
import type { Answer } from './client.ts';

const idAt = (at: number): string => `7:${at}`;
const ours = { isWholeBatch: true, hasOurIds: true, idAt };
const theirs = { isWholeBatch: true, hasOurIds: false, idAt: undefined };

const answer = (status: number, body?: unknown): Answer => ({ status, body, headers: {} });
const items = (...results: readonly unknown[]): Answer =>
  answer(200, { errors: true, items: results.map((result) => ({ create: result })) });
/** Items that say which documents they are about. */
const named = (...results: readonly object[]): Answer =>
  items(...results.map((result, at) => ({ _id: idAt(at), ...result })));
const failed = (status: number, type: string, reason = 'because'): object => ({
  status,
  error: { type, reason },
});
const refused = (status: number, type: string, reason = 'because'): Answer =>
  answer(status, { error: { type, reason }, status });

const conflict = failed(409, 'version_conflict_engine_exception');

describe('the answer to one document of a bulk request', () => {
  it.each<[string, unknown, string]>([
    ['created', { status: 201 }, 'delivered'],
    ['indexed again', { status: 200 }, 'delivered'],
    ['there already under our record id', conflict, 'delivered'],
    ['a conflict without a reason', { status: 409 }, 'delivered'],
    [
      'there already, in the words of version 1',
      { status: 409, error: 'DocumentAlreadyExistsException[[i] x]' },
      'delivered',
    ],
    ['another conflict', failed(409, 'resource_already_exists_exception'), 'retry unexpected'],
    ['too many requests', failed(429, 'es_rejected_execution_exception'), 'retry throttled'],
    ['a timeout', failed(408, 'timeout_exception'), 'retry timeout'],
    ['a shard that is away', failed(503, 'unavailable_shards_exception'), 'retry unreachable'],
    ['a failure inside', failed(500, 'exception'), 'retry unexpected'],
    ['a full disk', failed(507, 'insufficient_storage'), 'retry unexpected'],
    ['a blocked index', failed(403, 'cluster_block_exception'), 'retry unexpected'],
    ['no right to write', failed(403, 'security_exception'), 'retry unauthorised'],
    ['no index and none made', failed(404, 'index_not_found_exception'), 'retry unexpected'],
    ['a closed index', failed(400, 'index_closed_exception'), 'retry unexpected'],
    ['a name no index can have', failed(400, 'invalid_index_name_exception'), 'retry unexpected'],
    ['as many shards as are allowed', failed(400, 'validation_exception'), 'retry unexpected'],
    [
      'no such pipeline',
      failed(400, 'illegal_argument_exception', 'pipeline with id [x] does not exist'),
      'retry unexpected',
    ],
    [
      'a type where there are none',
      failed(400, 'illegal_argument_exception', 'Invalid type: expecting [_doc] but got [t]'),
      'retry unexpected',
    ],
    [
      'a type next to another',
      failed(
        400,
        'illegal_argument_exception',
        'Rejecting mapping update to [i] as the final mapping would have more than 1 type: [a, b]',
      ),
      'retry unexpected',
    ],
    [
      'a name no type can have',
      failed(400, 'illegal_argument_exception', "mapping type name [.a] must not start with a '.'"),
      'retry unexpected',
    ],
    [
      'a name no type can have, by the error’s type',
      failed(400, 'invalid_type_name_exception'),
      'retry unexpected',
    ],
    ['a value that does not fit', failed(400, 'document_parsing_exception'), 'reject invalid'],
    ['a mapping conflict', failed(400, 'mapper_parsing_exception'), 'reject invalid'],
    [
      'a mapping conflict of version 1',
      { status: 400, error: 'MapperParsingException[failed to parse]' },
      'reject invalid',
    ],
    ['too large a document', failed(413, 'too_large'), 'reject oversize'],
    ['a refusal without a reason', { status: 422 }, 'reject invalid'],
    ['no status', {}, 'retry unexpected'],
    ['a status that is no number', { status: 'created' }, 'retry unexpected'],
    ['nothing', null, 'retry unexpected'],
  ])('%s', (_, result, expected) => {
    expect(wordsOf(judgeBulk(items(result), { ...ours, count: 1 }))).toEqual([expected]);
  });

  it('never calls a conflict delivered where the id is not our record id', () => {
    expect(wordsOf(judgeBulk(items(conflict), { ...theirs, count: 1 }))).toEqual([
      'retry unexpected',
    ]);
  });

  it('judges each document by itself', () => {
    const verdicts = judgeBulk(
      named(
        { status: 201 },
        failed(400, 'mapper_parsing_exception'),
        failed(429, 'busy'),
        conflict,
      ),
      { ...ours, count: 4 },
    );

    expect(wordsOf(verdicts)).toEqual([
      'delivered',
      'reject invalid',
      'retry throttled',
      'delivered',
    ]);
  });

  it('trusts the documents, not the flag above them', () => {
    const lying = answer(200, { errors: false, items: [{ create: failed(429, 'busy') }] });

    expect(wordsOf(judgeBulk(lying, { ...ours, count: 1 }))).toEqual(['retry throttled']);
  });
});

describe('an answer that does not account for every record', () => {
  it.each<[string, unknown]>([
    ['no JSON', undefined],
    ['no object', true],
    ['no items', { errors: false }],
    ['fewer items', { errors: false, items: [{ create: { status: 201 } }] }],
    ['more items', { errors: false, items: new Array(3).fill({ create: { status: 201 } }) }],
    ['items that are no list', { items: { 0: { status: 201 }, length: 2 } }],
  ])('is never success: %s', (_, body) => {
    expect(wordsOf(judgeBulk(answer(200, body), { ...ours, count: 2 }))).toBe('retry unexpected');
  });
});

describe('an answer with a failure', () => {
  const bad = failed(400, 'mapper_parsing_exception');
  const good = { status: 201 };

  it.each<[string, Answer]>([
    ['names nobody', items(good, bad)],
    ['names some', items({ ...good, _id: '7:0' }, bad)],
    ['has another order', items({ ...bad, _id: '7:1' }, { ...good, _id: '7:0' })],
    ['is about others', items({ ...good, _id: '8:0' }, { ...bad, _id: '8:1' })],
    ['names one twice', items({ ...good, _id: '7:0' }, { ...bad, _id: '7:0' })],
    ['is about others, and good', items({ ...good, _id: '8:0' }, { ...good, _id: '8:1' })],
  ])('counts for nobody where it %s', (_, whole) => {
    expect(wordsOf(judgeBulk(whole, { ...ours, count: 2 }))).toBe('retry unexpected');
  });

  it('goes by the order where the server makes the ids', () => {
    const words = wordsOf(judgeBulk(items(good, bad), { ...theirs, count: 2 }));

    expect(words).toEqual(['delivered', 'reject invalid']);
  });

  it.each<[string, Answer, boolean]>([
    ['a failure without ids', items(good, bad), true],
    ['one id too few', items({ ...good, _id: '7:0' }, bad), true],
    ['ids', named(good, bad), false],
    ['no failure', items(good, good), false],
    ['another number of items', items(bad), false],
    ['no items', answer(200, {}), false],
    ['a refusal of all', answer(400, { items: [bad, good] }), false],
  ])('is asked for again with ids where it has %s: %s', (_, whole, expected) => {
    expect(isAnonymous(whole, { ...ours, count: 2 })).toBe(expected);
    expect(isAnonymous(whole, { ...theirs, count: 2 })).toBe(false);
  });

  it('about one document needs no id', () => {
    expect(isAnonymous(items(bad), { ...ours, count: 1 })).toBe(false);
    expect(wordsOf(judgeBulk(items(bad), { ...ours, count: 1 }))).toEqual(['reject invalid']);
  });
});

describe('a bulk request refused as a whole', () => {
  it.each<[string, Answer, string]>([
    ['unauthorised', refused(401, 'security_exception'), 'retry unauthorised'],
    ['forbidden', refused(403, 'security_exception'), 'retry unauthorised'],
    ['blocked', refused(403, 'cluster_block_exception'), 'retry unexpected'],
    ['not found', answer(404), 'retry unexpected'],
    ['a method the address does not know', answer(405), 'retry unexpected'],
    [
      'a media type it does not know',
      refused(406, 'media_type_header_exception'),
      'retry unexpected',
    ],
    ['throttled', refused(429, 'circuit_breaking_exception'), 'retry throttled'],
    ['unavailable', answer(503), 'retry unreachable'],
    ['a proxy without a server', answer(502), 'retry unreachable'],
    ['a proxy that waited', answer(504), 'retry timeout'],
    ['a redirect', answer(302), 'retry unexpected'],
    [
      'the body of a proxy',
      answer(400, { message: 'plain HTTP sent to HTTPS port' }),
      'retry unexpected',
    ],
    [
      'a version that is not the server’s',
      refused(
        400,
        'illegal_argument_exception',
        'Action/metadata line [1] contains an unknown parameter [_type]',
      ),
      'retry unexpected',
    ],
    [
      'one document spoils the request',
      refused(400, 'action_request_validation_exception'),
      'reject invalid',
    ],
    ['too large', answer(413), 'retry oversize'],
  ])('%s', (_, whole, expected) => {
    expect(wordsOf(judgeBulk(whole, { ...ours, count: 2 }))).toBe(expected);
  });

  it('of which there were several is tried again apart from the others', () => {
    const whole = refused(400, 'action_request_validation_exception');
    const part = { ...ours, isWholeBatch: false };

    expect(wordsOf(judgeBulk(whole, { ...part, count: 2 }))).toBe('retry unexpected');
    expect(wordsOf(judgeBulk(whole, { ...part, count: 1 }))).toBe('reject invalid');
  });

  it('gives up the one record that is too large', () => {
    expect(wordsOf(judgeBulk(answer(413), { ...ours, count: 1 }))).toBe('reject oversize');
  });

  it('passes on when to come again', () => {
    const verdict = judgeBulk(
      { ...answer(429), retryAfter: 5_000 as never },
      { ...ours, count: 1 },
    );

    expect(verdict).toMatchObject({ outcome: 'retry', after: 5_000 });
  });
});

describe('the answer to a request for one document', () => {
  it.each<[string, Answer, string]>([
    ['created', answer(201, { _id: '7:0', result: 'created' }), 'delivered'],
    ['created, its id as in a path', answer(201, { _id: '7%3A0' }), 'delivered'],
    ['an answer about another document', answer(201, { _id: '7:1' }), 'retry unexpected'],
    ['an answer that names no document', answer(200, {}), 'retry unexpected'],
    ['an empty answer', answer(200), 'retry unexpected'],
    [
      'there already under our record id',
      refused(409, 'version_conflict_engine_exception'),
      'delivered',
    ],
    ['a mapping conflict', refused(400, 'mapper_parsing_exception'), 'reject invalid'],
    ['too large', answer(413), 'reject oversize'],
    ['throttled', answer(429), 'retry throttled'],
  ])('%s', (_, single, expected) => {
    expect(wordOf(judgeSingle(single, { ...ours, count: 1 }))).toBe(expected);
  });

  it('never calls a conflict delivered where the id is not our record id', () => {
    const single = refused(409, 'version_conflict_engine_exception');

    expect(wordOf(judgeSingle(single, { ...theirs, count: 1 }))).toBe('retry unexpected');
  });
});

describe('the reason of a refusal', () => {
  it.each([
    [
      "failed to parse field [ip] of type [ip] in document with id '7:1'. Preview of field's value: 'hidden'",
      "failed to parse field [ip] of type [ip] in document with id '7:1'",
    ],
    [
      'Document contains at least one immense term in field="k".  The prefix of the first immense term is: \'[48, 48]...\'',
      'Document contains at least one immense term in field="k"',
    ],
    [
      'failed to parse date field [hidden] with format [x]',
      'failed to parse date field […] with format [x]',
    ],
    ['For input string: "hidden"', 'For input string: […]'],
    ["'hidden' is not an IP string literal.", '[…] is not an IP string literal.'],
  ])('keeps the server’s words and drops the record’s: %s', (reason, kept) => {
    const said = judgeBulk(items(failed(400, 'mapper_parsing_exception', reason)), {
      ...ours,
      count: 1,
    });
    const [verdict] = [said].flat();

    expect(failureOf(verdict).message).toBe(
      `The server answered 400 mapper_parsing_exception: ${kept}`,
    );
  });

  it('is cut to a bound', () => {
    const said = judgeBulk(items(failed(400, 'mapper_parsing_exception', 'x'.repeat(10_000))), {
      ...ours,
      count: 1,
    });
    const [verdict] = [said].flat();

    expect(failureOf(verdict).message.length).toBeLessThan(400);
  });
});

/** A list where something was said of each document. */
function wordsOf(said: Said): string | readonly string[] {
  return 'outcome' in said ? wordOf(said) : said.map(wordOf);
}

function wordOf(verdict: ReturnType<typeof judgeSingle>): string {
  return verdict.outcome === 'delivered'
    ? verdict.outcome
    : `${verdict.outcome} ${verdict.failure.kind}`;
}

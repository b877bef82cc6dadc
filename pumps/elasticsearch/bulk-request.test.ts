import { describe, expect, it } from 'vitest';
import { aBatch } from '#pump/testing';
import type { Settings } from './settings.ts';
import { actionsOf, anAnswer, aSink, bulkAnswer, es6, es8 } from './sink.testing.ts';

const signal = AbortSignal.timeout(5_000);

describe('a bulk request', () => {
  it('creates each document under its record id', async () => {
    const { sink, requests } = aSink();

    await sink.deliver(aBatch(2, {}, 'segment'), signal);

    expect(requests.map(({ method, contentType }) => [method, contentType])).toEqual([
      ['POST', 'application/x-ndjson'],
    ]);
    expect(actionsOf(requests[0])).toEqual([
      { create: { _index: 'requests', _id: 'segment:0' } },
      { create: { _index: 'requests', _id: 'segment:1' } },
    ]);
  });

  it('asks for the parts of the answer that verdicts are made of', async () => {
    const { sink, requests } = aSink({ settings: { pipeline: 'a b' } });

    await sink.deliver(aBatch(1), signal);

    expect(requests[0]?.path).toBe(
      '/_bulk?filter_path=errors,items.*.status,items.*.error&pipeline=a%20b',
    );
  });

  it('names a type to servers that have types', async () => {
    const { sink, requests } = aSink({ dialect: es6 });

    await sink.deliver(aBatch(1, {}, 's'), signal);

    expect(actionsOf(requests[0])).toEqual([
      { create: { _index: 'requests', _type: 'request', _id: 's:0' } },
    ]);
  });

  it.each([
    ['tyk', 'index', '\ufffd'],
    ['tyk_hex', 'index', 16],
  ] as const)('overwrites with ids of the scheme %s', async (ids, operation, form) => {
    const { sink, requests } = aSink({ settings: { ids } });

    await sink.deliver(
      aBatch(20, (index) => ({ path: `/${index}` })),
      signal,
    );

    const written = actionsOf(requests[0]) as readonly Record<string, { _id: string }>[];
    const all = written.map((action) => action[operation]?._id ?? '');
    if (typeof form === 'number')
      expect(new Set(all.map((id) => id.length))).toEqual(new Set([form]));
    else expect(all.join('')).toContain(form);
  });

  it('leaves the id to the server where it is told to', async () => {
    const { sink, requests } = aSink({ settings: { ids: 'none' } });

    await sink.deliver(aBatch(1), signal);

    expect(actionsOf(requests[0])).toEqual([{ index: { _index: 'requests' } }]);
  });

  it('only creates in a data stream', async () => {
    const { sink, requests } = aSink({ settings: { ids: 'none', isDataStream: true } });

    await sink.deliver(aBatch(1), signal);

    expect(actionsOf(requests[0])).toEqual([{ create: { _index: 'requests' } }]);
  });

  it('is cut where it grows too large, with at least one document in each part', async () => {
    const { sink, requests } = aSink({ settings: { bodyBytes: 10 as Settings['bodyBytes'] } });

    const { verdicts } = await sink.deliver(aBatch(3), signal);

    expect(requests.map((request) => actionsOf(request).length)).toEqual([1, 1, 1]);
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('judges the parts apart', async () => {
    const { sink } = aSink({
      settings: { bodyBytes: 10 as Settings['bodyBytes'] },
      answers: [bulkAnswer(1), { ok: true, answer: anAnswer(503) }, bulkAnswer(1)],
    });

    const { verdicts } = await sink.deliver(aBatch(3), signal);

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'retry', 'delivered']);
  });
});

describe('requests for single documents', () => {
  it.each([
    [es8, 'record', 'PUT', '/requests/_doc/s%3A0?op_type=create'],
    [es6, 'record', 'PUT', '/requests/request/s%3A0?op_type=create'],
    [es8, 'none', 'POST', '/requests/_doc'],
  ] as const)('to %j with ids of the scheme %s', async (dialect, ids, method, path) => {
    const { sink, requests } = aSink({ dialect, settings: { ids, isBulk: false } });

    await sink.deliver(aBatch(1, {}, 's'), signal);

    expect(requests).toMatchObject([{ method, path, contentType: 'application/json' }]);
  });

  it('gives every record its own verdict', async () => {
    const { sink } = aSink({
      settings: { isBulk: false },
      answers: [
        { ok: true, answer: anAnswer(201, { _id: 's:0' }) },
        { ok: true, answer: anAnswer(400, { error: { type: 'mapper_parsing_exception' } }) },
        { ok: false, failure: { kind: 'unreachable', message: 'gone' } },
      ],
    });

    const { verdicts } = await sink.deliver(aBatch(3, {}, 's'), signal);

    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['delivered', 'reject', 'retry']);
  });
});

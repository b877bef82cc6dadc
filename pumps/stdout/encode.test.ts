import { describe, expect, it } from 'vitest';
import { ByteWriter, fullShape, jsonWriter } from '#pump';
import { anEntry, type RecordOverrides } from '#pump/testing';
import { documentShape, encodeJson, encodeLine, encodeText } from './encode.ts';
import type { Options } from './options.ts';

interface Line {
  readonly record: Readonly<Record<string, unknown>>;
}

function lineOf(overrides: RecordOverrides, options: Partial<Options> = {}): Line {
  const out = new ByteWriter();
  const write = jsonWriter(
    documentShape({
      format: 'json',
      log_field_name: 'record',
      use_legacy_payload_format: false,
      ...options,
    }),
  );
  const frame = { before: '{"record":', after: '}\n' };
  encodeLine(anEntry(overrides).record, { write, frame, out });
  return JSON.parse(out.view().toString('utf8')) as Line;
}

const http = 'POST / HTTP/1.1\r\nHost: a\r\n\r\n{ "b": 1 }';

describe('a line', () => {
  it('has the record with all its fields under their JSON names', () => {
    const { record } = lineOf({ path: '/pets', response_code: 404, tags: ['a'] });

    expect(Object.keys(record)).toHaveLength(34);
    expect(record).toMatchObject({
      path: '/pets',
      response_code: 404,
      tags: ['a'],
      timestamp: '2024-03-10T22:22:00Z',
      latency: { total: 12, upstream: 10, gateway: 2 },
      graphql_stats: { IsGraphQL: false, Types: null },
    });
  });

  it('has both payloads on one line', () => {
    expect(lineOf({ raw_request: http, raw_response: http }).record).toMatchObject({
      raw_request: 'POST / HTTP/1.1 Host: a {"b":1}',
      raw_response: 'POST / HTTP/1.1 Host: a {"b":1}',
    });
  });

  it('leaves both payloads alone with use_legacy_payload_format', () => {
    const options = { use_legacy_payload_format: true };

    expect(lineOf({ raw_request: http, raw_response: http }, options).record).toMatchObject({
      raw_request: http,
      raw_response: http,
    });
  });
});

describe('a record in the log', () => {
  const { record } = anEntry({ raw_request: http, path: '/pets' });

  it('is an object in a JSON log, with its payloads as they are', () => {
    expect(JSON.parse(encodeJson(jsonWriter(fullShape), record))).toMatchObject({
      path: '/pets',
      raw_request: http,
    });
  });

  it('is its values as Go prints a struct in a text log', () => {
    expect(encodeText(anEntry().record)).toBe(
      '{ GET api.example.com /pets /pets 0  10 March 2024 22 200 test-key ' +
        '2024-03-10 22:22:00 +0000 UTC v1 Pets api-pets org-alpha  12   192.0.2.1 ' +
        '{{} {0 map[]} {0 0 }} {0 0 0 0} {12 10 2} []  false 2024-03-10 23:22:00 +0000 UTC    ' +
        '{ [] map[] [] 0 false false} {false   } }',
    );
  });
});

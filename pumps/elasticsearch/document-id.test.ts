import { describe, expect, it } from 'vitest';
import { anEntry } from '#pump/testing';
import { documentId, jsonId, pathId } from './document-id.ts';

const call = anEntry({
  timestamp: { seconds: 1_710_108_952, nanos: 531_000_000 },
  method: 'PATCH',
  path: '/pets',
  ip_address: '10.0.2.7',
  api_id: 'api-pets',
  oauth_id: '',
  request_time: 53,
  alias: 'alice',
});

describe('the id of a document', () => {
  it('is the record’s', () => {
    expect(documentId('record', call)).toBe(call.id);
  });

  // As Tyk Pump 1.12 sends them for this record.
  it('is Tyk Pump’s: its bytes escaped in a path, and mangled in JSON', () => {
    const id = documentId('tyk', call) ?? '';

    expect(pathId(id)).toBe('%1D%8EQ8%BBM%DD%90');
    expect(JSON.parse(jsonId(id))).toBe('\u001d\ufffdQ8\ufffdM\u0750');
  });

  it('is the same hash in full', () => {
    expect(documentId('tyk_hex', call)).toBe('1d8e5138bb4ddd90');
  });

  it('is escaped where its text needs it', () => {
    expect([jsonId('a"b'), pathId('a/b:1')]).toEqual(['"a\\"b"', 'a%2Fb%3A1']);
  });

  it('is left to the server', () => {
    expect(documentId('none', call)).toBeUndefined();
  });

  it.each([
    { method: 'PUT' },
    { path: '/dogs' },
    { ip_address: '10.0.2.8' },
    { api_id: 'other' },
    { oauth_id: 'x' },
    { request_time: 54 },
    { alias: 'bob' },
    { timestamp: { seconds: 1 } },
  ])('is another one with %j', (change) => {
    expect(documentId('tyk_hex', anEntry(change))).not.toEqual(documentId('tyk_hex', anEntry()));
  });

  it('has years whose nanoseconds wrap', () => {
    const zeroTime = anEntry({ timestamp: { seconds: -62_135_596_800 } });

    expect(documentId('tyk_hex', zeroTime)).toMatch(/^[0-9a-f]{16}$/);
  });
});

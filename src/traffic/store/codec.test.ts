import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordFieldsIn } from '../../query/arbitrary.testing.ts';
import { compileEdits } from '../../record/edit.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { aRecord, decodeRecord, encodeRecord } from '../../record/testing.ts';
import { decodeStored, encodeAll } from './codec.ts';

const encodeStored = (record: AnalyticsRecord): Buffer =>
  encodeAll([record])[0]?.bytes ?? Buffer.alloc(0);

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe.each(['msgpack', 'protobuf'] as const)('a stored record in %s', (encoding) => {
  it('comes back byte for byte', () => {
    fc.assert(
      fc.property(recordFieldsIn(encoding), (fields) => {
        const bytes = encodeRecord(fields, encoding);
        const again = decodeStored(encodeStored(decodeRecord(bytes, encoding)));

        expect(Buffer.from(again.bytes).equals(bytes)).toBe(true);
      }),
    );
  });

  it('holds messages as they are', () => {
    const text = `GET / HTTP/1.1\r\n\r\n${'needle'.repeat(20)}`;
    const stored = encodeStored(
      aRecord({ raw_request: base64(text), raw_response: base64(`${text}!`) }, { encoding }),
    );

    expect(stored.includes(text)).toBe(true);
    expect(stored.includes(`${text}!`)).toBe(true);
  });
});

it('keeps nothing of what an edit leaves out', () => {
  const edit = compileEdits({
    omitDetailedRecording: false,
    maxRecordSize: 0,
    ignoreFields: ['api_key', 'user_agent'],
    rawRequestDecoded: true,
    rawResponseDecoded: false,
  });
  const record = aRecord({
    api_key: 'the-key',
    user_agent: 'an-agent',
    tags: ['a', 'b'],
    raw_request: base64('GET / HTTP/1.1\r\n\r\n'),
  });
  const edited = edit?.(record) ?? record;
  const stored = encodeStored(edited);
  const again = decodeStored(stored);

  expect(stored.includes('the-key')).toBe(false);
  expect(stored.includes('an-agent')).toBe(false);
  expect(again.text('raw_request')).toBe('GET / HTTP/1.1\r\n\r\n');
  expect(again.list('tags')).toEqual(['a', 'b']);
  expect(again.time('timestamp')).toEqual(record.time('timestamp'));
  expect(again.integer('latency.total')).toBe(record.integer('latency.total'));
});

it('says that bytes are none of a stored record', () => {
  const stored = encodeStored(aRecord());
  for (const bytes of [stored.subarray(0, 10), stored.subarray(0, -1), Buffer.alloc(40, 9)])
    expect(() => decodeStored(bytes)).toThrow('damaged');
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnalyticsRecord, Batch, ByteWriter, fullShape, millis } from '#pump';
import { anEntry } from '#pump/testing';
import { fieldsOf, mutate, mutation, samplesOf } from '../../../src/record/arbitrary.testing.ts';
import { msgpackDecoder } from '../../../src/record/msgpack/decoder.ts';
import { protobufDecoder } from '../../../src/record/protobuf/decoder.ts';
import { decodeRecord, encodeRecord } from '../../../src/record/testing.ts';
import { attributesOf, logsIn, type SentLog } from '../decode.testing.ts';
import { envelopeOf } from '../envelope.ts';
import { attributesShape } from './document.ts';
import { logsEncoder } from './encode.ts';

const envelope = envelopeOf({ 'service.name': 'gateway' });
const encoders = [
  logsEncoder({ body: 'line', document: [...attributesShape, ...fullShape], envelope }),
  logsEncoder({ body: 'document', document: fullShape, envelope }),
];

/** Decoding throws where a size is wrong, and where a text is no UTF-8. */
const logsOf = (record: AnalyticsRecord): readonly SentLog[] =>
  encoders.flatMap((encode) =>
    logsIn(encode(Batch.of([{ ...anEntry(), record }]), millis(0), new ByteWriter(16))),
  );

describe.each([msgpackDecoder, protobufDecoder])('a record in $name', (decoder) => {
  const encoding = decoder.name;

  it('with anything in its fields is a log record that can be read, and says what the record does', () => {
    fc.assert(
      fc.property(fieldsOf, (fields) => {
        const record = decodeRecord(encodeRecord(fields, encoding), encoding);

        const [line] = logsOf(record);

        const found = attributesOf(line?.attributes);
        expect(found['url.path'] ?? '').toBe(record.text('path'));
        expect(found['raw_request'] ?? '').toBe(record.text('raw_request'));
        expect(found['http.response.status_code']).toBe(Number(record.integer('response_code')));
        expect(found['tyk.tags'] ?? []).toEqual(record.list('tags') ?? []);
        expect(found['tyk.mcp.primitive.name'] ?? '').toBe(record.text('mcp_stats.primitive_name'));
      }),
    );
  });

  it('with any bytes in it is a log record that can be read', () => {
    const samples = samplesOf(decoder);
    fc.assert(
      fc.property(
        fc.nat({ max: samples.length - 1 }),
        fc.array(mutation, { maxLength: 6 }),
        (at, mutations) => {
          const bytes = mutate(samples[at] ?? Buffer.alloc(0), mutations);
          const record = decoder.decode([bytes]).record(0);
          if (record !== undefined) expect(logsOf(record)).toHaveLength(2);
        },
      ),
    );
  });
});

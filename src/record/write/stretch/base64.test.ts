import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from '../../../lib/byte-writer.ts';
import { elementsOf } from '../../../lib/elements.ts';
import { compileEdits } from '../../edit.ts';
import { encodeMsgpack } from '../../encode/msgpack.ts';
import { compileShape } from '../../json/compile.ts';
import { interpretJson } from '../../json/interpret.ts';
import { msgpackDecoder } from '../../msgpack/decoder.ts';
import type { AnalyticsRecord } from '../../record.ts';
import type { Shape } from '../../shape.ts';
import { kinds } from '../kinds.ts';
import { leaf } from '../leaf.ts';
import { programOf } from '../program.ts';
import { openStretchWriter } from './stretch-writer.ts';

type Payload = string | Uint8Array;

const shape: Shape = [
  { key: 'request', value: { form: 'base64', field: 'raw_request' } },
  { key: 'path', value: { form: 'text', field: 'path' } },
  { key: 'response', value: { form: 'base64', field: 'raw_response' } },
];
/** The same as texts, which a route's edits have decoded: there what is no base64 stays as it is. */
const textShape: Shape = [
  { key: 'request', value: { form: 'text', field: 'raw_request' } },
  { key: 'path', value: { form: 'text', field: 'path' } },
  { key: 'response', value: { form: 'text', field: 'raw_response' } },
];
const decoded = compileEdits({
  omitDetailedRecording: false,
  maxRecordSize: 0,
  ignoreFields: [],
  rawRequestDecoded: true,
  rawResponseDecoded: true,
})!;
const ways = [
  { shape, write: compileShape(shape), edit: (record: AnalyticsRecord) => record },
  { shape: textShape, write: compileShape(textShape), edit: decoded },
];
const tokens = [
  leaf.base64('raw_request'),
  leaf.text('path', kinds.jsonText),
  leaf.base64('raw_response'),
];

/** Records of the payloads, each as the request of one and as the response of the next; as many as are worth the way. */
function entriesOf(payloads: readonly Payload[]) {
  const elements = Array.from({ length: Math.max(8, payloads.length + 1) }, (_, index) =>
    encodeMsgpack({
      raw_request: payloads[index] ?? '',
      raw_response: payloads[index - 1] ?? '',
      path: `/${index}`,
    }),
  );
  const chunk = msgpackDecoder.scan(elementsOf(elements));
  return elements.map((_, index) => ({ record: chunk.record(index)!, index }));
}

/** How many of them the module did not write. */
function leftOf(payloads: readonly Payload[]): number {
  const entries = entriesOf(payloads);
  let left = 0;
  const out = new ByteWriter();
  const write = (): void => {
    left++;
  };
  const documents = { entries, out, frame: undefined, ends: undefined, write };
  const program = programOf(tokens, { isMsgpack: true, growth: 6 });
  expect(openStretchWriter()!.write(documents, 0, { plan: undefined, program })).toBe(
    entries.length,
  );
  return left;
}

function expectSame(payloads: readonly Payload[]): void {
  const plain = entriesOf(payloads);
  for (const { shape, write, edit } of ways) {
    const entries = plain.map(({ record, index }) => ({ record: edit(record), index }));
    const [actual, expected] = [new ByteWriter(), new ByteWriter()];
    write.many(entries, actual);
    for (const { record } of entries) interpretJson(shape, record, expected);
    // Asked only where it fails: asking is slow.
    if (!actual.view().equals(expected.view()))
      expect(actual.view().toString('latin1')).toBe(expected.view().toString('latin1'));
  }
}

const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 100 }).map((text) => Buffer.from(text)),
);
const plain = bodies.map((bytes) => Buffer.from(bytes).toString('base64'));
const broken = fc
  .tuple(
    plain,
    fc.nat(300),
    fc.constantFrom('=', '-', '_', '\n', '\r', ' ', '\u0000', 'é', '==', '=\n', ''),
    fc.boolean(),
  )
  .map(([text, at, piece, isAdded]) => text.slice(0, at) + piece + text.slice(at + +!isAdded));

describe('payloads that are decoded', () => {
  it('are written by the module, of every size', () => {
    const sizes = Array.from({ length: 100 }, (_, size) =>
      Buffer.alloc(size, every.subarray(0x20 + (size % 0x40))).toString('base64'),
    );

    expect(leftOf(sizes)).toBe(0);
    expectSame(sizes);
  });

  it('have every byte at every place', () => {
    const turned = Array.from({ length: 24 }, (_, by) =>
      Buffer.concat([every.subarray(by), every.subarray(0, by)]).toString('base64'),
    );

    expect(leftOf(turned)).toBe(0);
    expectSame(turned);
  });

  it('are left to the interpreter where one byte is not of the alphabet, wherever it stands', () => {
    const text = Buffer.from(Buffer.alloc(36, 'a body of 36')).toString('base64');
    for (const byte of [
      0x00, 0x0a, 0x2d, 0x2e, 0x3a, 0x3d, 0x40, 0x5b, 0x5f, 0x60, 0x7b, 0x80, 0xff,
    ]) {
      const changed = Array.from(text, (_, at) => {
        const bytes = Buffer.from(text);
        bytes[at] = byte;
        return bytes;
      });
      // Each is in two records; padding is right where it is the last byte.
      expect(leftOf(changed)).toBe(changed.length + (byte === 0x3d ? 0 : 1));
      expectSame(changed);
    }
  });

  it('are those of the interpreter, plain and broken, padded in any way', () => {
    for (const text of ['QQ==', 'QR==', 'QUI=', 'QUJ=', '=', '====', 'Q===', 'QQ=', 'QQ=Q', 'Q=Q='])
      expectSame([text, '', text]);
    fc.assert(
      fc.property(fc.array(fc.oneof(plain, broken), { maxLength: 20 }), (payloads) =>
        expectSame(payloads),
      ),
      { numRuns: 500 },
    );
  });

  it('are those of the interpreter where they are large, and hold what takes the most room', () => {
    const large = [Buffer.alloc(40_000, 1), Buffer.alloc(60_000, 0xff), Buffer.alloc(50_000, 'x')];

    expectSame([...large, ...large, ...large].map((bytes) => bytes.toString('base64')));
  });
});

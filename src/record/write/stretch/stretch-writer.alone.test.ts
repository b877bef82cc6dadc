import { afterEach, expect, it, vi } from 'vitest';
import { ByteWriter } from '../../../lib/byte-writer.ts';
import { elementsOf } from '../../../lib/elements.ts';
import { literalOf } from '../../../lib/literal.ts';
import { encodeMsgpack } from '../../encode/msgpack.ts';

const elements = elementsOf(
  Array.from({ length: 20 }, (_, index) => encodeMsgpack({ path: `/${index}` })),
);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

function refuse(): never {
  throw new RangeError('Out of memory: Cannot allocate Wasm memory for new instance');
}

const runtimes = {
  'has no WebAssembly': undefined,
  'does not know its instructions': { validate: () => false },
  'has no address space for its memory': {
    validate: () => true,
    Module: refuse,
    Instance: refuse,
  },
};

// It is opened once for each process.
it.each(Object.entries(runtimes))(
  'writes many documents where the runtime %s',
  async (_, runtime) => {
    vi.stubGlobal('WebAssembly', runtime);
    const { msgpackDecoder } = await import('../../msgpack/decoder.ts');
    const { jsonWriter } = await import('../../json/write.ts');
    const { openStretchWriter } = await import('./stretch-writer.ts');
    const chunk = msgpackDecoder.scan(elements);
    const entries = Array.from({ length: 20 }, (__, index) => ({
      record: chunk.record(index)!,
      index,
    }));
    const frame = { head: () => literalOf('id '), tail: literalOf(': '), end: literalOf('\n') };
    const out = new ByteWriter();
    const ends: number[] = [];

    jsonWriter([{ key: 'path', value: { form: 'text', field: 'path' } }]).many(entries, out, {
      ...{ frame, ends },
    });

    expect(openStretchWriter()).toBeUndefined();
    const lines = entries.map(({ index }) => `id ${index}: {"path":"/${index}"}\n`);
    expect(out.view().toString()).toBe(lines.join(''));
    expect(ends).toEqual(lines.map((___, at) => lines.slice(0, at + 1).join('').length));
  },
);

import { afterEach, expect, it, vi } from 'vitest';
import { elementsOf } from '../../../lib/elements.ts';
import { encodeMsgpack } from '../../encode/msgpack.ts';

const elements = elementsOf(
  Array.from({ length: 40 }, (_, index) => encodeMsgpack({ path: `/${index}` })),
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
it.each(Object.entries(runtimes))('reads ranges where the runtime %s', async (_, runtime) => {
  vi.stubGlobal('WebAssembly', runtime);
  const { msgpackDecoder } = await import('../decoder.ts');
  const { openRangeScanner } = await import('./range-scanner.ts');

  const chunk = msgpackDecoder.scan(elements);

  expect(openRangeScanner()).toBeUndefined();
  expect(chunk.undecodable).toEqual([]);
  expect(chunk.record(39)?.text('path')).toBe('/39');
});

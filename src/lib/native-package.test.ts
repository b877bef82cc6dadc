import { describe, expect, it } from 'vitest';
import { StartError } from './errors.ts';
import { loadNative } from './native-package.ts';

describe('loadNative', () => {
  it('gives what was loaded', async () => {
    expect(await loadNative(() => Promise.resolve(7), 'install it')).toBe(7);
  });

  it.each([
    [
      'Could not locate the bindings file. Tried:\n → /somewhere',
      'Could not locate the bindings file',
    ],
    [
      "The module '/x.node'\nwas compiled against another version. Please rebuild",
      "The module '/x.node' was compiled against another version",
    ],
    ['/x.node: invalid ELF header', '/x.node: invalid ELF header'],
  ])('says what to do, and of %j the first sentence', async (message, said) => {
    const loading = loadNative(() => Promise.reject(new Error(message)), 'Install it.');

    await expect(loading).rejects.toThrow(StartError);
    await expect(loading).rejects.toThrow(new StartError(`Install it. (${said})`));
  });
});

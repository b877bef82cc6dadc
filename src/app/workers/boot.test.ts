import { expect, it } from 'vitest';
import { recorder, replay } from './boot.ts';

it('gives a thread the texts that were read before, also of a file that has changed', async () => {
  let text = 'first';
  const { readFile, files } = recorder((path) =>
    path === 'a' ? Promise.resolve(text) : Promise.reject(new Error('no such file')),
  );
  expect(await readFile('a')).toBe('first');
  await expect(readFile('b')).rejects.toThrow('no such file');
  text = 'second';

  const again = replay(structuredClone(files));
  expect(await again('a')).toBe('first');
  await expect(again('b')).rejects.toMatchObject({ code: 'ENOENT' });
});

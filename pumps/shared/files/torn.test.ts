import { expect, it } from 'vitest';
import { FakeFolder } from './folder.testing.ts';
import { setTornAside, wholeAfter } from './torn.ts';

it('is kept beside the file, behind what was torn before', async () => {
  const folder = new FakeFolder();
  folder.files.set('a', Buffer.from('whole\nto'));
  folder.files.set('a.torn', Buffer.from('earlier'));

  await setTornAside(folder, await folder.open('a'), 'a', { from: 6, to: 8 });

  expect([folder.text('a'), folder.text('a.torn')]).toEqual(['whole\n', 'earlierto']);
});

it('stays where it is while there is no room to keep it', async () => {
  const folder = new FakeFolder();
  folder.files.set('a', Buffer.from('whole\nto'));
  folder.room = 0;

  await expect(
    setTornAside(folder, await folder.open('a'), 'a', { from: 6, to: 8 }),
  ).rejects.toThrow('disk full');
  expect(folder.text('a')).toBe('whole\nto');
});

it('is nothing of what we wrote, unless another process wrote too', async () => {
  const folder = new FakeFolder();
  const file = await folder.open('a');
  const before = await file.state();
  await file.append(Buffer.from('ours\n'));

  expect(await wholeAfter(file, before, 5)).toEqual({ ...before, size: 5 });
  await file.append(Buffer.from('theirs'));
  expect(await wholeAfter(file, before, 5)).toEqual(before);
});

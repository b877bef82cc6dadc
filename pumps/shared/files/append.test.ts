import { describe, expect, it } from 'vitest';
import { appendWhole } from './append.ts';
import { FakeFolder } from './folder.testing.ts';

const aFile = async (content: string) => {
  const folder = new FakeFolder();
  folder.files.set('a.csv', Buffer.from(content));
  const file = await folder.open('a.csv');
  return { folder, file, before: await file.state() };
};

describe('appending', () => {
  it('goes on where the system took less than all', async () => {
    const { folder, file, before } = await aFile('old\n');
    folder.mostPerWrite = 3;

    await appendWhole(file, before, Buffer.from('new,row\n'));

    expect(folder.text('a.csv')).toBe('old\nnew,row\n');
  });

  it('takes back the part that was written when the disk is full', async () => {
    const { folder, file, before } = await aFile('old\n');
    folder.room = 5;

    await expect(appendWhole(file, before, Buffer.from('new,row\n'))).rejects.toThrow('disk full');

    expect(folder.text('a.csv')).toBe('old\n');
  });

  it('does not cut what another process has written in the meantime', async () => {
    const { folder, file, before } = await aFile('old\n');
    folder.room = 3;
    folder.whenFull = () => folder.files.set('a.csv', Buffer.from('old\nnewtheirs\n'));

    await expect(appendWhole(file, before, Buffer.from('new,row\n'))).rejects.toThrow('disk full');

    expect(folder.text('a.csv')).toBe('old\nnewtheirs\n');
  });
});

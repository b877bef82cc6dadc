import { describe, expect, it } from 'vitest';
import { FakeFolder } from '../shared/files/folder.testing.ts';
import { rowsEnd } from './rows-end.ts';

async function wholeRows(content: string, from = 0): Promise<string> {
  const folder = new FakeFolder();
  folder.files.set('a.csv', Buffer.from(content));
  const file = await folder.open('a.csv');
  return content.slice(0, await rowsEnd(file, from, content.length));
}

describe('the end of the last whole row', () => {
  it.each([
    ['is the end of a whole file', 'a,b\nc,d\n', 'a,b\nc,d\n'],
    ['leaves out half a row', 'a,b\nc,', 'a,b\n'],
    ['leaves out half a quoted field', 'a,b\nc,"d', 'a,b\n'],
    ['is not fooled by a line feed in a quoted field', 'a,b\nc,"d\n', 'a,b\n'],
    ['counts a quoted line feed as content', 'a,"b\nc"\n', 'a,"b\nc"\n'],
    ['counts a doubled quote as content', 'a,"b""\nc"\nd', 'a,"b""\nc"\n'],
    ['is the beginning where there is no whole row', 'a,b', ''],
    ['is the beginning of an empty file', '', ''],
  ])('%s', async (_, content, expected) => {
    expect(await wholeRows(content)).toBe(expected);
  });

  it('looks only at what it was asked to', async () => {
    expect(await wholeRows('torn"long ago\na,b\nc', 14)).toBe('torn"long ago\na,b\n');
  });

  it('sees rows across the pieces it reads', async () => {
    const long = `a,"${'x\n'.repeat(300_000)}"\n`;

    expect(await wholeRows(`${long}b,"c`)).toBe(long);
  });
});

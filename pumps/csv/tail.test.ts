import { describe, expect, it } from 'vitest';
import { aContext, FakeClock } from '#pump/testing';
import { FakeFolder } from '../shared/files/folder.testing.ts';
import { Tail } from './tail.ts';

function aTail(content: string) {
  const folder = new FakeFolder();
  folder.files.set('a.csv', Buffer.from(content));
  const clock = new FakeClock();
  const context = aContext();
  const tail = new Tail(folder, clock, context.log);
  return {
    folder,
    clock,
    context,
    settle: async () => tail.settle(await folder.open('a.csv'), 'a.csv'),
    tail,
  };
}

describe('the tail of a file', () => {
  it('is where the file ends when its rows are whole', async () => {
    const { settle } = aTail('a,b\n');

    expect(await settle()).toEqual({ id: 'a.csv', size: 4 });
  });

  it('leaves half a row alone at first: another process may be writing it', async () => {
    const { settle, folder } = aTail('a,b\nc,"d');

    expect(await settle()).toBeUndefined();
    expect(folder.text('a.csv')).toBe('a,b\nc,"d');
  });

  it('sets half a row aside once it has not grown for two seconds', async () => {
    const { settle, folder, clock, context } = aTail('a,b\nc,"d');
    await settle();
    await clock.advance(2_000);

    expect(await settle()).toEqual({ id: 'a.csv', size: 4 });
    expect(folder.text('a.csv')).toBe('a,b\n');
    expect(folder.text('a.csv.torn')).toBe('c,"d');
    expect(context.lines.map(({ level }) => level)).toEqual(['warn']);
  });

  it('waits again when the half row has grown', async () => {
    const { settle, folder, clock } = aTail('a,b\nc,"d');
    await settle();
    await clock.advance(2_000);
    folder.files.set('a.csv', Buffer.from('a,b\nc,"d\ne'));

    expect(await settle()).toBeUndefined();
  });

  it('accepts the row when the other process has finished it', async () => {
    const { settle, folder } = aTail('a,b\nc,"d');
    await settle();
    folder.files.set('a.csv', Buffer.from('a,b\nc,"d"\n'));

    expect(await settle()).toEqual({ id: 'a.csv', size: 10 });
  });

  it('looks at the whole file again when it has become shorter', async () => {
    const { settle, folder } = aTail('a,b\nc,d\n');
    await settle();
    folder.files.set('a.csv', Buffer.from('x,'));

    expect(await settle()).toBeUndefined();
  });

  it('does not scan what this process has written, and does scan what another has', async () => {
    const { settle, folder, tail } = aTail('a,b\n');
    await settle();
    folder.files.set('a.csv', Buffer.from('a,b\n"ours'));
    await tail.grewBy(await folder.open('a.csv'), 5);
    const ours = await settle();
    folder.files.set('a.csv', Buffer.from('a,b\n"ourstheirs'));
    const theirs = await settle();

    expect(ours).toEqual({ id: 'a.csv', size: 9 });
    expect(theirs).toBeUndefined();
  });
});

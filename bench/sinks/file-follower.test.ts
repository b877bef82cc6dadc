import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileFollower } from './file-follower.ts';
import { Seen } from './seen.ts';

describe('the follower of files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sluice-follower-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const append = (name: string, text: string): void =>
    appendFileSync(path.join(folder, name), text);

  it('sees what is appended, once, also where a tag was half written', () => {
    const seen = new Seen(4);
    const follower = new FileFollower(folder, '.csv', seen);
    append('a.csv', 'x,rec-000000000,y\nx,rec-0000');
    follower.look();
    const first = seen.distinct;
    append('a.csv', '00001,y\n');
    append('b.csv', 'rec-000000002');
    append('b.other', 'rec-000000003');
    follower.look();
    follower.look();

    expect([first, seen.distinct, seen.invented]).toEqual([1, 3, 0]);
  });

  it('waits for a folder that is not there yet', () => {
    const seen = new Seen(1);
    new FileFollower(path.join(folder, 'later'), '.csv', seen).look();

    expect(seen.lost).toBe(1);
  });
});

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryLog } from '../../../test/services/memory-log.ts';
import { openAuditFile } from './audit-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-'));
});
afterEach(() => rm(folder, { recursive: true }));

const log = memoryLog();
const onLost = (): void => {
  throw new Error('a line was lost');
};

it('appends lines to a file that is for its owner alone, and goes on in a new one', async () => {
  const file = path.join(folder, 'audit.log');
  const audit = await openAuditFile(file, { log, onLost });
  audit.write('a\n');
  await rename(file, `${file}.1`);
  audit.write('b\n');
  await audit.reopen();
  audit.write('c\n');
  await audit.close();
  expect(await readFile(`${file}.1`, 'utf8')).toBe('a\nb\n');
  expect(await readFile(file, 'utf8')).toBe('c\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('says which file cannot be opened, and why', async () => {
  await expect(openAuditFile(folder, { log, onLost })).rejects.toThrow(
    `audit_log: ${folder} cannot be written: `,
  );
});

it.runIf(existsSync('/dev/full'))('counts what a full disk loses, and says it once', async () => {
  const own = memoryLog();
  let lost = 0;
  const audit = await openAuditFile('/dev/full', {
    log: own,
    onLost: () => {
      lost += 1;
    },
  });
  audit.write('a\n');
  while (own.lines.length === 0) await new Promise(setImmediate);
  audit.write('b\n');
  audit.write('c\n');
  await audit.close();
  expect(lost).toBe(3);
  expect(own.lines.map(({ message }) => message)).toEqual(['The audit log cannot be written.']);
});

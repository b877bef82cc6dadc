import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const run = promisify(execFile);

/** The checkout as it would be cloned, with what is not committed yet. */
export function copyCheckout(folder: string): Promise<void> {
  const left = ['.git', 'node_modules', 'dist', '.cache'].map((name) => path.join(root, name));
  return cp(root, folder, { recursive: true, filter: (source) => !left.includes(source) });
}

/** The checkout's packages. */
export async function linkPackages(folder: string): Promise<void> {
  await link(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
}

/** A copy, without a second copy of what is in the files where the file system can do that: to read, not to write to. */
export async function link(source: string, target: string): Promise<void> {
  await run('cp', ['-al', source, target]).catch(() => run('cp', ['-R', source, target]));
}

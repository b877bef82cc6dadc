import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { explain } from '#source';
import { type Authority, readAuthority } from './authority.ts';

/** Reads an authority's file. A text says what is wrong and what to do; the file's name is the caller's to add. */
export async function readAuthorityFile(file: string): Promise<Authority | string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, constants.O_RDONLY);
    // Of what has been opened, so that nobody can put another in its place in between.
    const exposed = exposure(await handle.stat());
    return exposed ?? readAuthority(await handle.readFile('utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'there is no such file: sluice capture ca makes it'
      : explain(error);
  } finally {
    await handle?.close();
  }
}

/** Why others could use the key. As PostgreSQL has it: a file of root may be read by a group, for that is how secrets are mounted. */
function exposure({
  mode,
  uid,
}: {
  readonly mode: number;
  readonly uid: number;
}): string | undefined {
  const self = process.getuid?.();
  // Windows has no such bits.
  if (self === undefined) return undefined;
  if (uid !== self && uid !== 0) return `it belongs to another user (${uid}), who can read its key`;
  const allowed = uid === 0 && self !== 0 ? 0o640 : 0o600;
  if ((mode & 0o777 & ~allowed & 0o077) === 0) return undefined;
  return `others can read its key (mode ${(mode & 0o777).toString(8)}): chmod 600`;
}

/** Writes a new file, which nobody else may read. A text: why it could not. What is there already is never overwritten. */
export async function writeNewFile(
  file: string,
  text: string,
  mode: number,
): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'wx', mode);
    // The umask may have taken bits away, never added any.
    await handle.writeFile(text);
    await handle.sync();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST'
      ? 'it exists already, and is never overwritten'
      : explain(error);
  } finally {
    await handle?.close();
  }
}

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '#source';

export interface FoundFile {
  readonly path: string;
  /** What tells whether it is still the same. */
  readonly mark: string;
}

/** The files there are, in the order of the options, those of a folder by name; and what is not there, with the reason. */
export async function findFiles(paths: readonly string[]): Promise<{
  readonly files: readonly FoundFile[];
  readonly missing: readonly { readonly path: string; readonly reason: string }[];
}> {
  const files = new Map<string, FoundFile>();
  const missing: { path: string; reason: string }[] = [];
  for (const given of paths)
    try {
      for (const found of await filesAt(given)) files.set(found.path, found);
    } catch (error) {
      missing.push({ path: given, reason: explain(error) });
    }
  return { files: [...files.values()], missing };
}

async function filesAt(given: string): Promise<readonly FoundFile[]> {
  const there = await stat(given);
  if (!there.isDirectory()) return [fileOf(given, there)];
  const names = (await readdir(given)).filter((name) => /\.har$/i.test(name)).sort();
  const found = await Promise.all(
    names.map(async (name) => {
      const file = path.join(given, name);
      const there = await stat(file).catch(() => undefined);
      return there?.isFile() === true ? [fileOf(file, there)] : [];
    }),
  );
  return found.flat();
}

const fileOf = (
  file: string,
  { size, mtimeMs, ino }: { readonly size: number; readonly mtimeMs: number; readonly ino: number },
): FoundFile => ({ path: path.resolve(file), mark: `${size} ${mtimeMs} ${ino}` });

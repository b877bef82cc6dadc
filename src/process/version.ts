import { readFile } from 'node:fs/promises';

/** The package's version; package.json is two folders up from the source and from the compiled file. */
export async function readVersion(): Promise<string> {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const { version } = JSON.parse(await readFile(new URL(path, import.meta.url), 'utf8')) as {
        version: string;
      };
      return version;
    } catch {
      // It is one further up where the build has put this into a part.
    }
  }
  return 'unknown';
}

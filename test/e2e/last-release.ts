import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { scratchFolder } from '../services/process.ts';

const kept = new URL('../fixtures/last-release/', import.meta.url);

/** The program of the last release, unpacked (scripts/keep-release.mjs has packed it). Resolves with its entry point. */
export async function unpackLastRelease(): Promise<string> {
  const packed = await readFile(new URL('program.json.br', kept));
  const files = JSON.parse(brotliDecompressSync(packed).toString()) as Record<string, string>;
  const folder = await scratchFolder('last-release');
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return path.join(folder, 'dist', 'src', 'main.js');
}

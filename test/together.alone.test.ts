import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { afterEach, describe, expect, it } from 'vitest';
import { loadedTogether } from '../scripts/lib/together.mjs';

/** A service of two entries, with a kit, two plugins that share something, and a command. */
const files = {
  'main.ts': `import { log } from './log.ts'; import { route } from './route.ts'; import { serve } from './serve.ts';
    export const run = () => [log, route, serve, import('./csv.ts'), import('./command.ts')];`,
  'worker.ts': `import { log } from './log.ts'; import { route } from './route.ts';
    export const work = () => [log, route, import('./csv.ts'), import('./elastic.ts')];`,
  'kit.ts': `export { log } from './log.ts'; export { wait } from './wait.ts';`,
  'log.ts': `export const log = 'log';`,
  'wait.ts': `export const wait = 'wait';`,
  'route.ts': `import { wait } from './wait.ts'; export const route = 'route' + wait;`,
  'serve.ts': `import { page } from './page.ts'; export const serve = 'serve' + page;`,
  'page.ts': `export const page = 'page';`,
  'http.ts': `export const http = 'http';`,
  'csv.ts': `import { wait } from './wait.ts'; export const csv = wait;`,
  'elastic.ts': `import { log } from './log.ts'; import { http } from './http.ts'; export const elastic = log + http;`,
  'command.ts': `import { page } from './page.ts'; import { http } from './http.ts'; export const command = page + http;`,
};

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((each) => rm(each, { recursive: true }))));

/** Files that an entry has loaded when it begins, and what each entry runs. */
async function built(isTogether: boolean) {
  const root = await mkdtemp(path.join(tmpdir(), 'sluice-together-'));
  folders.push(root);
  await mkdir(root, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(root, name), text);
  const options = {
    absWorkingDir: root,
    entryPoints: ['main.ts', 'worker.ts', 'kit.ts'],
    outdir: 'out',
    bundle: true,
    splitting: true,
    format: 'esm' as const,
    metafile: true as const,
    write: false as const,
  };
  const { metafile: seen } = await esbuild.build(options);
  const plugin = loadedTogether(seen, root, {
    first: ['main.ts', 'worker.ts'],
    others: ['kit.ts'],
  });
  const plugins = isTogether ? [plugin] : [];
  const { metafile, outputFiles } = await esbuild.build({ ...options, plugins });
  const loadedBy = (file: string, found = new Set<string>()): ReadonlySet<string> => {
    if (found.has(file)) return found;
    found.add(file);
    for (const { path: next, kind } of metafile.outputs[file]?.imports ?? [])
      if (kind === 'import-statement') loadedBy(next, found);
    return found;
  };
  const inputsOf = (file: string): readonly string[] =>
    [...loadedBy(file)].flatMap((each) => Object.keys(metafile.outputs[each]?.inputs ?? {}));
  return { loadedBy, inputsOf, text: outputFiles.map(({ text }) => text).join('\n') };
}

describe('what is always loaded together', () => {
  it('is one file, and a service begins with fewer', async () => {
    const [apart, together] = [await built(false), await built(true)];
    // Its own, what the thread has as well, and what the command has as well.
    expect(together.loadedBy('out/main.js').size).toBe(3);
    expect(together.loadedBy('out/worker.js').size).toBe(2);
    expect(apart.loadedBy('out/main.js').size).toBeGreaterThan(3);
    expect(apart.loadedBy('out/worker.js').size).toBeGreaterThan(2);
  });

  it('brings nothing to a thread that it did not load before', async () => {
    const [apart, together] = [await built(false), await built(true)];
    const real = (names: readonly string[]) => names.filter((name) => files[name as 'log.ts']);
    for (const entry of ['out/main.js', 'out/worker.js'])
      expect(new Set(real(together.inputsOf(entry)))).toEqual(new Set(real(apart.inputsOf(entry))));
  });

  it('is there once', async () => {
    const { text } = await built(true);
    for (const word of ['log', 'wait', 'http', 'page'])
      expect(text.split(`"${word}"`), word).toHaveLength(2);
  });
});

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { root } from './install.mjs';

const web = path.join(root, 'src', 'console', 'web');

/**
 * Writes the console to `folder`: a page, scripts and a style sheet with the hash of what is in them in their names, each also
 * packed, and `files.json` with the names. Returns the paths of what went into it.
 * @param {string} folder
 */
export async function bundleConsole(folder) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { main: path.join(web, 'main.ts'), console: path.join(web, 'console.css') },
    outdir: folder,
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const built = Object.entries(metafile.outputs).map(([file, { entryPoint }]) => ({
    name: path.basename(file),
    entryPoint,
  }));
  const named = (entry) =>
    built.find(({ entryPoint }) => entryPoint === path.join('src/console/web', entry))?.name;
  mkdirSync(folder, { recursive: true });
  const page = readFileSync(path.join(web, 'index.html'), 'utf8')
    .replace('main.ts', named('main.ts'))
    .replace('console.css', named('console.css'));
  writeFileSync(path.join(folder, 'index.html'), page);
  const names = readdirSync(folder).sort();
  for (const name of names) {
    const bytes = readFileSync(path.join(folder, name));
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
    writeFileSync(path.join(folder, `${name}.br`), brotliCompressSync(bytes, { params }));
    writeFileSync(path.join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
  writeFileSync(path.join(folder, 'files.json'), `${JSON.stringify(names, undefined, 2)}\n`);
  return Object.keys(metafile.inputs);
}

import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { root } from './install.mjs';
import { zip } from './zip.mjs';

const source = path.join(root, 'extension');
const asTheyAre = ['devtools.html', 'options.html', 'options.css'];

/**
 * Builds the browser extension, with the version of the package, and packs it.
 * @param {string} [folder] where a browser can load it from
 * @returns {Promise<string>} the path of the archive, beside the folder
 */
export async function buildExtension(folder = path.join(root, 'dist', 'extension')) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['devtools', 'options'].map((name) => path.join(source, `${name}.ts`)),
    outdir: folder,
    bundle: true,
    // It is small, and whoever installs it may want to read it.
    minify: false,
    format: 'esm',
    platform: 'browser',
    target: 'chrome116',
    legalComments: 'none',
    logLevel: 'warning',
  });
  for (const name of asTheyAre) copyFileSync(path.join(source, name), path.join(folder, name));
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const manifest = JSON.parse(readFileSync(path.join(source, 'manifest.json'), 'utf8'));
  writeFileSync(
    path.join(folder, 'manifest.json'),
    `${JSON.stringify({ ...manifest, version }, null, 2)}\n`,
  );
  const archive = path.join(path.dirname(folder), `sluice-extension-${version}.zip`);
  const files = readdirSync(folder).sort();
  writeFileSync(archive, zip(files.map((name) => [name, readFileSync(path.join(folder, name))])));
  return archive;
}

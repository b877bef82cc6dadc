import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { root } from './install.mjs';

/** Stay packages: they are native, optional, and loaded only where a pump asks for them. */
const external = ['lz4-napi', 'snappy', 'unix-dgram'];

/**
 * Writes the service to `folder` as few files: main.js, worker.js, and a file for each pump. A process then reads six files
 * in place of four hundred, which is most of what its start costs.
 * @param {string} folder
 */
export async function bundle(folder) {
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts', 'src/worker.ts'],
    outdir: path.join(folder, 'src'),
    chunkNames: 'parts/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['source'],
    external,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // Packages of the older kind ask for Node's own modules in their own way.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
  writeFileSync(path.join(folder, 'THIRD-PARTY.txt'), licences(Object.keys(metafile.inputs)));
}

/** The licences of all packages that the bundle has parts of. */
function licences(inputs) {
  const packages = new Set(
    inputs.flatMap((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []),
  );
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
    );
    return `${name} ${version}, ${license}\n\n${licenceIn(path.join(root, folder))}`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceIn(folder) {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)/i.test(name));
  const text = file === undefined ? undefined : path.join(folder, file);
  return text !== undefined && existsSync(text)
    ? readFileSync(text, 'utf8')
    : 'The package brings no text of its licence.\n';
}

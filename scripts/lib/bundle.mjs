import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as esbuild from 'esbuild';
import { bundleConsole } from './console.mjs';
import { withConstants } from './constants.mjs';
import { root } from './install.mjs';
import { licences } from './third-party.mjs';
import { loadedTogether } from './together.mjs';

/** Stay packages: they are native, optional, and loaded only where a pump asks for them. */
const external = ['unix-dgram', 'libsql'];

/** What MongoDB's driver looks for and does without: logins, compressors and proxies that `mongo_url` is refused or stripped of. */
const unused = [
  ...['aws4', 'kerberos', 'gcp-metadata', '@aws-sdk/credential-providers', 'socks'],
  ...['snappy', '@mongodb-js/zstd', 'mongodb-client-encryption'],
];

/** Packages of OpenTelemetry as ES modules, of which only what is used gets into the bundle: a seventh of the older kind. */
const modern = Object.fromEntries(
  [
    ...['api', 'api-logs', 'core', 'otlp-transformer', 'resources'],
    ...['sdk-logs', 'sdk-metrics', 'sdk-trace', 'otlp-exporter-base'],
  ].map((name) => [
    `@opentelemetry/${name}`,
    path.join(root, 'node_modules/@opentelemetry', name, 'build/esm/index.js'),
  ]),
);
modern['@opentelemetry/otlp-exporter-base/node-http'] = modern[
  '@opentelemetry/otlp-exporter-base'
].replace('index.js', 'index-node-http.js');

/** What a process and a thread begin with. */
const first = ['src/main.ts', 'src/worker.ts'];
/**
 * What else is loaded by its name. The kit is among them, so that pumps from outside the tree share the very classes and functions
 * of the service, and not a copy of them.
 */
const others = ['src/pump/index.ts', 'src/pump/testing/index.ts', 'src/plugins/resolve.ts'];

/**
 * Of Elasticsearch's library the pool of nodes is used, and the connections are the kit's. Its own would bring an HTTP
 * client of 800 KB with them, which every process with that pump would read at its start.
 */
const withoutOtherConnections = {
  name: 'without-other-connections',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/(?:Http|Undici)Connection$/ }, ({ path: file, importer }) =>
      importer.includes('@elastic') ? { path: file, namespace: 'unused' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: '' }));
  },
};

/** What libraries load at their start for what the service does not ask of them, by who loads it: 100 KB of every start. */
const unasked = [
  // Exemplars, and a gateway to push to. Not its file for Node's `cluster`: it adds up the metrics of threads (metrics.ts).
  { by: /prom-client/, filter: /^@opentelemetry\/api$|\/pushgateway$/, gives: '{}' },
  // The arguments of a command line; the configuration is given none.
  { by: /convict/, filter: /^yargs-parser$/, gives: '() => ({})' },
];
const withoutUnasked = {
  name: 'without-unasked',
  setup({ onResolve, onLoad }) {
    for (const [index, { by, filter }] of unasked.entries())
      onResolve({ filter }, ({ path: file, importer }) =>
        by.test(importer) ? { path: `${file}#${index}`, namespace: 'unasked' } : undefined,
      );
    onLoad({ filter: /./, namespace: 'unasked' }, ({ path: file }) => ({
      contents: `module.exports = ${unasked[Number(file.split('#')[1])].gives};`,
    }));
  },
};

const options = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['source'],
  external: [...external, ...unused],
  alias: modern,
  // Which releases of Node its next versions will want is for those who choose its version, and not for the operator's log.
  define: { 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED': '"true"' },
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // Packages of the older kind ask for Node's own modules in their own way.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
};
const plugins = [withoutOtherConnections, withoutUnasked];

/**
 * The two programs. Each is bundled by itself, so that neither has a byte of the other: the pump is the same whatever is
 * built to capture.
 */
const programs = {
  pump: { entryPoints: [...first, ...others], chunkNames: 'parts/[name]-[hash]' },
  capture: { entryPoints: ['src/capture.ts'], chunkNames: 'capture-parts/[name]-[hash]' },
};

/**
 * What would be in a program, by the file that has it; nothing is written.
 * @param {'pump' | 'capture'} program
 */
export async function partsOf(program) {
  const { metafile } = await build(program, path.join(root, 'dist/src'), { write: false });
  return metafile.outputs;
}

/** Bundles a program; of the pump it looks first who loads what. */
async function build(program, outdir, { write = true } = {}) {
  const settings = { ...options, ...programs[program], outdir };
  if (program === 'capture') return esbuild.build({ ...settings, plugins, write });
  const { metafile } = await esbuild.build({ ...settings, plugins, write: false });
  const together = loadedTogether(metafile, root, { first, others });
  return esbuild.build({ ...settings, plugins: [...plugins, together], write });
}

/**
 * Writes the service to `folder` as few files: main.js, worker.js, and a file for each pump. A process then reads six files
 * in place of four hundred, which is most of what its start costs. Beside them capture.js with its parts.
 * @param {string} folder
 */
export async function bundle(folder) {
  // The loader of eBPF stays: it has a build of its own (ebpf-loader.mjs).
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    if (name !== 'ebpf') rmSync(path.join(folder, name), { recursive: true });
  const outdir = path.join(folder, 'src');
  const built = [await build('pump', outdir), await build('capture', outdir)];
  for (const { metafile } of built)
    for (const file of Object.keys(metafile.outputs).filter((name) => name.endsWith('.js'))) {
      const output = path.join(root, file);
      writeFileSync(output, withConstants(readFileSync(output, 'utf8')));
    }
  // Beside main.js, which says to the service where it is.
  const shown = await bundleConsole(path.join(folder, 'src', 'console'));
  const used = built.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  writeFileSync(
    path.join(folder, 'THIRD-PARTY.txt'),
    licences(root, [...new Set([...used, ...shown])]),
  );
}

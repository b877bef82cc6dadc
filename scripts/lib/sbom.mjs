import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packagesOf } from './third-party.mjs';

/*
 * What the package consists of, as CycloneDX: `npm sbom` knows every package of the lockfile with its licence and its
 * checksum, and of those stay the ones that are within the bundle (development packages to npm, for nobody has to install
 * them) and the ones that npm installs beside it. The same release gives the same text: the date is the release's, the
 * serial number comes from the archive.
 */

/**
 * @param {{ readonly root: string, readonly date: string, readonly archive: Buffer }} release
 */
export function billOfMaterials({ root, date, archive }) {
  const everything = npmSbom(root);
  const installed = new Set(installedPackages(root));
  const bundled = new Set(
    packagesOf(readFileSync(path.join(root, 'dist', 'THIRD-PARTY.txt'), 'utf8')),
  );
  const components = everything.components
    .filter(({ 'bom-ref': ref }) => installed.has(ref) || bundled.has(ref))
    .map((component) => (bundled.has(component['bom-ref']) ? within(component) : component));
  const { component } = everything.metadata;
  const kept = new Set([component, ...components].map((one) => one['bom-ref']));
  const missing = [...bundled, ...installed].filter((ref) => !kept.has(ref));
  if (missing.length > 0) throw new Error(`npm sbom does not know ${missing.join(', ')}`);
  const sum = createHash('sha256').update(archive).digest('hex');
  return {
    ...everything,
    serialNumber: `urn:uuid:${uuidOf(sum)}`,
    metadata: {
      ...everything.metadata,
      timestamp: `${date}T00:00:00.000Z`,
      // npm gives the folder's name.
      component: { ...component, name: 'sluice', hashes: [{ alg: 'SHA-256', content: sum }] },
    },
    components,
    dependencies: everything.dependencies
      .filter(({ ref }) => kept.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((to) => kept.has(to)) })),
  };
}

/** By the lockfile, so that it is the same on every machine. */
function npmSbom(root) {
  const args = [
    'sbom',
    '--package-lock-only',
    '--sbom-format=cyclonedx',
    '--sbom-type=application',
  ];
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 };
  return JSON.parse(execFileSync('npm', args, options));
}

/** Not by `npm sbom --omit=dev`, which leaves out optional packages that a development package wants as well. */
function installedPackages(root) {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(packages).flatMap(([place, { version, dev }]) =>
    place === '' || dev === true ? [] : [`${place.split('node_modules/').at(-1)}@${version}`],
  );
}

const within = (component) => ({
  ...component,
  scope: 'required',
  properties: [{ name: 'sluice:bundled', value: 'true' }],
});

/** Version 8: an id whose bits are ours. */
function uuidOf(hex) {
  const digits = `${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17, 32)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

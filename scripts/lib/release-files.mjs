import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sectionOf } from './changelog.mjs';
import { billOfMaterials } from './sbom.mjs';

/**
 * Writes what a release consists of into `folder`, and gives the names: the package, what is in it (CycloneDX), notes, with a `helm` the chart,
 * and SHA256SUMS of them. The checkout is of that version already.
 *
 * @param {{ readonly root: string, readonly folder: string, readonly version: string, readonly date: string,
 *   readonly helm?: string }} release
 */
export function writeReleaseFiles({ root, folder, version, date, helm }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // `prepack` builds. npm gives every file of the archive the same date and owner, so the same sources give the same bytes.
  run(root, 'npm', ['pack', '--silent', '--pack-destination', folder]);
  const archive = `sluice-${version}.tgz`;
  const bill = `sluice-${version}.cdx.json`;
  const notes = `sluice-${version}.md`;
  const charts = [];
  if (helm !== undefined) {
    const chart = path.join(root, 'deploy', 'helm', 'sluice');
    // In a folder of its own, for Helm gives its package the name that npm has given.
    run(root, helm, ['package', chart, '--destination', path.join(folder, 'chart')]);
    const packed = readFileSync(path.join(folder, 'chart', archive));
    rmSync(path.join(folder, 'chart'), { recursive: true });
    charts.push(`sluice-chart-${version}.tgz`);
    writeFileSync(path.join(folder, charts[0]), packed);
  }
  const content = billOfMaterials({
    root,
    date,
    archive: readFileSync(path.join(folder, archive)),
  });
  writeFileSync(path.join(folder, bill), `${JSON.stringify(content, null, 2)}\n`);
  writeFileSync(
    path.join(folder, notes),
    notesText({ root, version, date, archive, bill, charts }),
  );
  const files = [archive, bill, notes, ...charts];
  const sums = files.map((name) => `${sha256(path.join(folder, name))}  ${name}\n`);
  writeFileSync(path.join(folder, 'SHA256SUMS'), sums.join(''));
  return [...files, 'SHA256SUMS'];
}

function notesText({ root, version, date, archive, bill, charts }) {
  const npm = execFileSync('npm', ['--version'], { encoding: 'utf8' }).trim();
  const changelog = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
  const ofChart = charts.map(
    (name) => `- \`${name}\`: the chart. \`helm install sluice ./${name}\`\n`,
  );
  return `# Sluice ${version} (${date})

${sectionOf(changelog, version)}

## Files

- \`${archive}\`: the package. \`npm install --global --omit=dev --ignore-scripts ./${archive}\`
${ofChart.join('')}- \`${bill}\`: what it consists of, CycloneDX.
- \`SHA256SUMS\`: \`sha256sum --check SHA256SUMS\`

Built with Node.js ${process.version.slice(1)} and npm ${npm}. With these,
\`git checkout v${version} && npm ci && npm pack\` gives the same bytes.
`;
}

function run(root, command, args) {
  const stdio = ['inherit', 'ignore', 'inherit'];
  const { status } = spawnSync(command, args, { cwd: root, stdio });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} failed`);
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

// `node scripts/release-files.mjs`: the files of the release that is checked out, as .github/workflows/release.yml publishes them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { dateOf } from './lib/changelog.mjs';
import { helpIfAsked } from './lib/help.mjs';
import { installDependencies, root } from './lib/install.mjs';
import { writeReleaseFiles } from './lib/release-files.mjs';

helpIfAsked(`
usage: node scripts/release-files.mjs [--tag TAG] [--helm PROGRAM] [--folder FOLDER]

  --tag TAG        fails unless it is the one of the version that is checked out, v1.2.3
  --helm PROGRAM   packs the chart as well, with this program
  --folder FOLDER  where to; what is in it goes (.cache/release/VERSION)

Writes what \`npm run release\` wrote when the release was made: the same sources give the same package.
`);
const { values } = parseArgs({
  options: { tag: { type: 'string' }, helm: { type: 'string' }, folder: { type: 'string' } },
});

try {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  if (values.tag !== undefined && values.tag !== `v${version}`)
    throw new Error(`the version is ${version}, and the tag ${values.tag}`);
  const date = dateOf(readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8'), version);
  if (date === undefined) throw new Error(`CHANGELOG.md has no section ${version} with a date`);
  const dirty = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (dirty !== '') throw new Error(`there are changes that are not committed:\n${dirty}`);
  installDependencies();
  const folder = path.resolve(values.folder ?? path.join(root, '.cache', 'release', version));
  for (const name of writeReleaseFiles({ root, folder, version, date, helm: values.helm }))
    console.log(path.join(path.relative(process.cwd(), folder), name));
} catch (error) {
  console.error(`No files: ${error.message}`);
  process.exitCode = 1;
}

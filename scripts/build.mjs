// `npm run build`: the service as it is shipped, to dist/, with the kit for pumps from outside and its types. `--no-types`
// leaves those out, which is quicker.
import { cpSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { bundle } from './lib/bundle.mjs';
import { root } from './lib/install.mjs';
import { writeKitTypes } from './lib/kit-types.mjs';

const dist = path.join(root, 'dist');
await bundle(dist);
// `sluice new` begins with them.
for (const name of readdirSync(path.join(root, 'pumps'))) {
  const example = path.join(root, 'pumps', name, 'example.json');
  if (existsSync(example)) cpSync(example, path.join(dist, 'pumps', name, 'example.json'));
}
if (!process.argv.includes('--no-types')) await writeKitTypes(path.join(dist, 'types'));

// `npm run build`: the service as it is shipped, to dist/, with the kit for pumps from outside and its types. `--no-types`
// leaves those out, which is quicker.
import path from 'node:path';
import { bundle } from './lib/bundle.mjs';
import { root } from './lib/install.mjs';
import { writeKitTypes } from './lib/kit-types.mjs';

const dist = path.join(root, 'dist');
await bundle(dist);
if (!process.argv.includes('--no-types')) await writeKitTypes(path.join(dist, 'types'));

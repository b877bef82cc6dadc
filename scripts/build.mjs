// `npm run build`: the service as it is shipped, to dist/.
import path from 'node:path';
import { bundle } from './lib/bundle.mjs';
import { root } from './lib/install.mjs';

await bundle(path.join(root, 'dist'));

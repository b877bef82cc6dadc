// `npm run build:extension`: the browser extension, to dist/extension/, and packed as dist/sluice-extension-VERSION.zip.

import { helpIfAsked } from './lib/help.mjs';
import { installDependencies } from './lib/install.mjs';

helpIfAsked(`
usage: npm run build:extension

Writes the browser extension to dist/extension, which a browser can load, and packs it.
`);
installDependencies();
// Not before its bundler is there.
const { buildExtension } = await import('./lib/extension.mjs');
console.log(`Packed ${await buildExtension()}`);

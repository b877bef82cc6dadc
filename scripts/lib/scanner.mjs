// Compiles what is written in AssemblyScript to WebAssembly.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import { root } from './install.mjs';

/**
 * @typedef {object} Scanner
 * @property {string} folder
 * @property {string} name - Of its source, NAME.as.ts, and of the file that is shipped, NAME-code.ts.
 */

/** Redaction's, over the texts of a record, and that of ranges, over records. */
export const scanners = [
  { folder: path.join(root, 'src', 'edit', 'redact', 'scan'), name: 'scanner' },
  { folder: path.join(root, 'src', 'record', 'msgpack', 'range'), name: 'range' },
];

/** @param {Scanner} scanner */
export const codeFileOf = ({ folder, name }) => path.join(folder, `${name}-code.ts`);

/** Places below are the compiler's own; the tables of a scanner lie above, and are named in its source. */
const options = [
  ...['--enable', 'simd', '--runtime', 'stub', '-O3', '--noAssert'],
  ...['--initialMemory', '8', '--lowMemoryLimit', '1024'],
];

/**
 * The text of NAME-code.ts, as the source makes it.
 * @param {Scanner} scanner
 * @returns {Promise<string>}
 */
export async function compileScanner({ folder, name }) {
  const file = `${name}.as.ts`;
  const source = readFileSync(path.join(folder, file), 'utf8');
  /** @type {Uint8Array | undefined} */
  let code;
  const { error, stderr } = await asc.main([file, '--outFile', 'scanner.wasm', ...options], {
    readFile: (wanted) => (wanted === file ? source : null),
    writeFile: (written, contents) => {
      if (written === 'scanner.wasm' && contents instanceof Uint8Array) code = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || code === undefined)
    throw new Error(`${file} cannot be compiled.\n${stderr.toString()}`, { cause: error });
  const lines = Buffer.from(code)
    .toString('base64')
    .replaceAll(/.{1,92}/g, (line) => `  '${line}',\n`);
  return `/** WebAssembly in base64. Written by \`npm run scanner\` from ${file}: change it there. */\nexport const ${name}Code = [\n${lines}].join('');\n`;
}

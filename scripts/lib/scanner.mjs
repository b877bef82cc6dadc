// Compiles what is written in AssemblyScript to WebAssembly.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import { root } from './install.mjs';

/**
 * @typedef {object} Scanner
 * @property {string} folder
 * @property {string} name - Of its source, NAME.as.ts, and of the file that is shipped, NAME-code.ts.
 */

/** Redaction's, over the texts of a record; that of ranges, over records; what writes many documents, what counts, Kafka's checksum. */
export const scanners = [
  { folder: path.join(root, 'src', 'edit', 'redact', 'scan'), name: 'scanner' },
  { folder: path.join(root, 'src', 'record', 'msgpack', 'range'), name: 'range' },
  { folder: path.join(root, 'src', 'record', 'write', 'stretch'), name: 'stretch' },
  { folder: path.join(root, 'src', 'record', 'series'), name: 'series' },
  { folder: path.join(root, 'pumps', 'kafka', 'producer', 'wire'), name: 'crc32c' },
];

/** @param {Scanner} scanner */
export const codeFileOf = ({ folder, name }) => path.join(folder, `${name}-code.ts`);

/** Places below are the compiler's own; the tables of a scanner lie above, and are named in its source. */
const options = [
  ...['--enable', 'simd', '--runtime', 'stub', '-O3', '--noAssert'],
  ...['--initialMemory', '8', '--lowMemoryLimit', '1024'],
];

/** @type {(folder: string, name: string) => string | null} */
const sourceIn = (folder, name) => {
  const file = path.join(folder, name);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
};

/**
 * The text of NAME-code.ts, as the source makes it.
 * @param {Scanner} scanner
 * @returns {Promise<string>}
 */
export async function compileScanner({ folder, name }) {
  const file = `${name}.as.ts`;
  /** @type {Uint8Array | undefined} */
  let code;
  const { error, stderr } = await asc.main([file, '--outFile', 'scanner.wasm', ...options], {
    readFile: (wanted) => (wanted.endsWith('.as.ts') ? sourceIn(folder, wanted) : null),
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

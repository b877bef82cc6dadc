// Compiles redaction's scanner from AssemblyScript to WebAssembly.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import asc from 'assemblyscript/asc';
import { root } from './install.mjs';

const folder = path.join(root, 'src', 'edit', 'redact', 'scan');
export const codeFile = path.join(folder, 'scanner-code.ts');

/** Places below are the compiler's own; the scanner's tables lie above, and are named in its source. */
const options = [
  ...['--enable', 'simd', '--runtime', 'stub', '-O3', '--noAssert'],
  ...['--initialMemory', '8', '--lowMemoryLimit', '1024'],
];

/**
 * The text of scanner-code.ts, as the source makes it.
 * @returns {Promise<string>}
 */
export async function compileScanner() {
  const source = readFileSync(path.join(folder, 'scanner.as.ts'), 'utf8');
  /** @type {Uint8Array | undefined} */
  let code;
  const { error, stderr } = await asc.main(
    ['scanner.as.ts', '--outFile', 'scanner.wasm', ...options],
    {
      readFile: (name) => (name === 'scanner.as.ts' ? source : null),
      writeFile: (name, contents) => {
        if (name === 'scanner.wasm' && contents instanceof Uint8Array) code = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || code === undefined)
    throw new Error(`scanner.as.ts cannot be compiled.\n${stderr.toString()}`, { cause: error });
  const lines = Buffer.from(code)
    .toString('base64')
    .replaceAll(/.{1,92}/g, (line) => `  '${line}',\n`);
  return `/** WebAssembly in base64. Written by \`npm run scanner\` from scanner.as.ts: change it there. */\nexport const scannerCode = [\n${lines}].join('');\n`;
}

// `npm run scanner`: compiles what is written in AssemblyScript (NAME.as.ts) to the files that are shipped (NAME-code.ts).
import { writeFileSync } from 'node:fs';
import { codeFileOf, compileScanner, scanners } from './lib/scanner.mjs';

for (const scanner of scanners) writeFileSync(codeFileOf(scanner), await compileScanner(scanner));

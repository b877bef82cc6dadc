// `npm run scanner`: compiles redaction's scanner, src/edit/redact/scan/scanner.as.ts, to the file that is shipped.
import { writeFileSync } from 'node:fs';
import { codeFile, compileScanner } from './lib/scanner.mjs';

writeFileSync(codeFile, await compileScanner());

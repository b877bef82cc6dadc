import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeFileOf, compileScanner, scanners } from '../../scripts/lib/scanner.mjs';

// Its compiler makes types of AssemblyScript global, so that it has a process of its own.
describe('the code of a scanner', () => {
  it.each(scanners)('$name is what its source compiles to (`npm run scanner`)', async (scanner) => {
    expect(readFileSync(codeFileOf(scanner), 'utf8')).toBe(await compileScanner(scanner));
  });
});

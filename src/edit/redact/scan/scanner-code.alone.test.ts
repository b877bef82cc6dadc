import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeFile, compileScanner } from '../../../../scripts/lib/scanner.mjs';

// Its compiler makes types of AssemblyScript global, so that it has a process of its own.
describe('the code of the scanner', () => {
  it('is what its source compiles to (`npm run scanner`)', async () => {
    expect(readFileSync(codeFile, 'utf8')).toBe(await compileScanner());
  });
});

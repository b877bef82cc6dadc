import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { unpadded, withGatewayTables } from '../../scripts/option-tables.ts';

it('says what becomes of each field (npm run option-tables writes the tables)', () => {
  const page = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  expect(unpadded(withGatewayTables(page))).toBe(unpadded(page));
});

/** The page of the egress entry, and its examples, as the reader has them. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { egressTables } from '../scripts/lib/egress-tables.ts';
import { unpadded, withTables } from '../scripts/option-tables.ts';
import { readRules } from '../sources/egress/read/rules.ts';

const root = new URL('..', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

it('sources/egress/README.md has the tables of fields that `npm run option-tables` writes', () => {
  const page = read('sources/egress/README.md');

  expect(unpadded(page)).toBe(unpadded(withTables(page, egressTables())));
});

const errorsIn = (text: string) =>
  readRules([{ path: 'entries.yaml', text }], () => ({
    read: () => ({ pem: '' }),
    isPair: () => true,
  })).problems.filter(({ severity }) => severity === 'error');

describe('examples', () => {
  const examples = readdirSync(new URL('sources/egress/examples', root));

  it.each(examples)('%s is taken', (name) => {
    expect(errorsIn(read(`sources/egress/examples/${name}`))).toEqual([]);
  });

  it('of the page are taken', () => {
    const blocks = [...read('sources/egress/README.md').matchAll(/```yaml\n([^]*?)```/g)]
      .map(([, block = '']) => block)
      .filter((block) => /^(?:entries|trafficPolicy|apiVersion):/m.test(block));

    expect(blocks.length).toBeGreaterThan(0);
    for (const block of blocks) expect(errorsIn(block)).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { meaningOf, vocabulary } from './vocabulary.ts';

it('is the table of ARCHITECTURE.md, section 3', () => {
  const page = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('\n## 3.'), page.indexOf('\n## 4.'));
  const rows = [...section.matchAll(/^\| (\*\*.*?)\s*\| (.*?)\s*\|$/gm)].map(
    ([, words, means]) => [words, means] as const,
  );
  expect(rows.length).toBeGreaterThan(50);
  expect(vocabulary).toEqual(rows);
});

it('has no word twice', () => {
  const words = vocabulary.flatMap(([row]) =>
    [...row.matchAll(/\*\*(.+?)\*\*/g)].map(([, each]) => each),
  );
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
});

it('gives of a row with several words the part that is meant', () => {
  expect(meaningOf('lag')).toContain('has not answered for yet');
  expect(meaningOf('claim')).toBe('taking records from the gateway');
  expect(meaningOf('reclaim')).toBe('giving the memory back');
  expect(meaningOf('no such word')).toBeUndefined();
});

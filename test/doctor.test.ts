/** The page of `sluice doctor` names everything that is looked at, as the code does. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checks } from '../src/operate/doctor/finding.ts';

it('docs/doctor.md has every check with its words', () => {
  const page = readFileSync(new URL('../docs/doctor.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (.+?) \| (.+?) \|$/gm)].map(([, check, what]) => [
    check,
    what,
  ]);
  const [, , ...found] = rows;
  expect(found).toEqual(Object.entries(checks));
});

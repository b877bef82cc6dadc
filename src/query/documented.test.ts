import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { millis } from '../lib/units.ts';
import { friendlyNames } from './names.ts';
import { parseQuery } from './parse.ts';
import { renderProblem } from './problem.ts';

const page = readFileSync(new URL('../../docs/query.md', import.meta.url), 'utf8');

const blocksOf = (kind: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, text = '']) => text,
  );

describe('docs/query.md', () => {
  it('has examples that are queries', () => {
    const examples = blocksOf('query').flatMap((block) => block.trim().split('\n'));

    expect(examples.length).toBeGreaterThan(8);
    for (const example of examples)
      expect(parseQuery(example, millis(0))).toMatchObject({ ok: true });
  });

  it('shows mistakes as they are told', () => {
    const [shown = ''] = blocksOf('text');
    const [text = ''] = shown.split('\n');
    const parsed = parseQuery(text);

    expect(
      parsed.ok ? [] : parsed.problems.map((each) => `${renderProblem(text, each)}\n`).join(''),
    ).toBe(shown);
  });

  it('has every friendly name, with what it stands for', () => {
    const rows = [...page.matchAll(/^\| (`[^|]+`) +\| (.+?) +\|$/gm)];
    const named = rows.flatMap(([, names = '', meant = '']) =>
      names.split(', ').map((name) => [name, meant.split(' or ')] as const),
    );

    for (const [name, meant] of Object.entries(friendlyNames))
      expect(named).toContainEqual([`\`${name}\``, meant.map((field) => `\`${field}\``)]);
  });
});

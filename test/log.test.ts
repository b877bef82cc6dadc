/** docs/log.md against the sources: every message of level error, and no sentence that nothing writes. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readPage } from './pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['src', 'pumps', 'sources']
  .flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name}`,
    ),
  )
  .filter((name) => /\.ts$/.test(name) && !/\.(test|testing)\.ts$/.test(name))
  .map((name) => ({ name, text: readFileSync(`${root}${name}`, 'utf8') }));

/** The texts of an expression: of one, or of both ways of a choice. */
function textsIn(node: ts.Node): readonly string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  const found: string[] = [];
  ts.forEachChild(node, (child) => {
    found.push(...textsIn(child));
  });
  return found;
}

/** What `log.error(fields, message)` says, wherever it stands. */
function errorsIn(name: string, text: string): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { name: method, expression: on } = node.expression;
      const [, message] = node.arguments;
      if (method.text === 'error' && /log$/i.test(on.getText()) && message !== undefined)
        found.push(...textsIn(message).filter((each) => /\.$/.test(each)));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  return found;
}

describe('docs/log.md', () => {
  const rows = [...readPage('docs/log.md').matchAll(/^\| ([A-Z][^|]*\.) \|/gm)].map(
    ([, message = '']) => message,
  );

  it('has every message of level error', () => {
    const written = sources
      .filter(({ text }) => text.includes('.error('))
      .flatMap(({ name, text }) => errorsIn(name, text));

    expect(written.length).toBeGreaterThan(30);
    expect([...new Set(written)].filter((message) => !rows.includes(message))).toEqual([]);
  });

  it('has no message that is nowhere in the sources', () => {
    expect(rows.filter((message) => !sources.some(({ text }) => text.includes(message)))).toEqual(
      [],
    );
    expect(new Set(rows).size).toBe(rows.length);
  });
});

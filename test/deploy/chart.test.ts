/** The chart, as far as it needs no Helm; test/e2e/deploy renders it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const chart = new URL('../../deploy/helm/sluice/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, chart), 'utf8');

interface Schema {
  readonly description?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const schema = JSON.parse(read('values.schema.json')) as Schema;
const values = parse(read('values.yaml')) as Readonly<Record<string, unknown>>;

/** Every path, of objects whose fields are named. */
const pathsOf = (of: Schema, path = ''): readonly string[] =>
  Object.entries(of.properties ?? {}).flatMap(([name, each]) => [
    `${path}${name}`,
    ...pathsOf(each, `${path}${name}.`),
  ]);

/** The values that are there at these paths, and what else the same objects hold. */
const has = (value: unknown, path: string): boolean =>
  path
    .split('.')
    .reduce<unknown>(
      (at, name) => (at as Readonly<Record<string, unknown>> | undefined)?.[name],
      value,
    ) !== undefined;

describe('values.schema.json', () => {
  it('has every value, and no other', () => {
    const paths = pathsOf(schema);

    expect(paths.filter((path) => !has(values, path))).toEqual(['global']);
    expect(Object.keys(values).filter((name) => !paths.includes(name))).toEqual([]);
  });

  it('explains each, and takes no misspelt one', () => {
    const check = (of: Schema, path: string): void => {
      if (of.properties === undefined) return;
      expect(of.additionalProperties, path).toBe(false);
      for (const [name, each] of Object.entries(of.properties)) {
        expect(each.description, `${path}.${name}`).toMatch(/\.$/);
        check(each, `${path}.${name}`);
      }
    };
    check(schema, 'values');
  });

  it('has no value that no template asks for', () => {
    const templates = readdirSync(new URL('templates', chart)).map((name) =>
      read(`templates/${name}`),
    );
    const used = templates.join('\n');
    const unused = pathsOf(schema).filter((path) => !used.includes(path.split('.').at(-1) ?? ''));

    expect(unused).toEqual(['global']);
  });
});

describe('Chart.yaml', () => {
  it('has the version of the package (npm run release writes it)', () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { readonly version: string };

    expect(parse(read('Chart.yaml'))).toMatchObject({ version, appVersion: version });
  });
});

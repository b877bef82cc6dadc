import { parse } from 'yaml';

interface Schema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Value {
  readonly path: string;
  readonly schema: Schema;
  readonly value: unknown;
}

/** Every value of a chart, as its schema and its `values.yaml` have it; what only the schema has is left out. */
function valuesOf(schema: Schema, values: unknown, path = ''): readonly Value[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const value: unknown = (values as Readonly<Record<string, unknown>> | undefined)?.[name];
    if (value === undefined) return [];
    const at = path === '' ? name : `${path}.${name}`;
    return each.properties === undefined
      ? [{ path: at, schema: each, value }]
      : [{ path: at, schema: each, value: undefined }, ...valuesOf(each, value, at)];
  });
}

/** The table of the chart's README. */
export function chartValuesTable(schema: string, values: string): string {
  const rows = valuesOf(JSON.parse(schema) as Schema, parse(values)).map(
    ({ path, schema: { description = '' }, value }) =>
      `| \`${path}\` | ${value === undefined ? '' : shown(value)} | ${description} |`,
  );
  return ['| Value | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** One that takes several lines is in `values.yaml`. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === '""' || text === '{}' || text === '[]') return '–';
  return text.length > 40 ? '`values.yaml`' : `\`${text}\``;
}

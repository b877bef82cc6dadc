import { type Habits, requiredAmong } from '../values/required.ts';
import type { ValueStats } from '../values/stats.ts';

/** A JSON Schema (2020-12), as OpenAPI 3.1 has it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** Values that it takes to call a text an enumeration. */
const fewestForEnum = 50;

/** A schema that holds for all that was seen. Nothing of a value stands in it, but the words of enumerations. */
export function schemaOf(stats: ValueStats, habits: Habits): JsonSchema {
  const variants = variantsOf(stats, habits);
  const [first, ...others] = variants;
  if (first === undefined) return stats.nulls > 0 ? { type: 'null' } : {};
  if (others.length === 0) return stats.nulls > 0 ? nullable(first) : first;
  return { oneOf: stats.nulls > 0 ? [...variants, { type: 'null' }] : variants };
}

/** One for each type, so that a value fits exactly one. */
function variantsOf(stats: ValueStats, habits: Habits): readonly JsonSchema[] {
  const variants: JsonSchema[] = [];
  if (stats.objects > 0) variants.push(objectSchema(stats, habits));
  if (stats.arrays > 0)
    variants.push({
      type: 'array',
      items: stats.items === undefined ? {} : schemaOf(stats.items, habits),
    });
  if (stats.strings > 0) variants.push(textSchema(stats));
  if (stats.fractions > 0) variants.push({ type: 'number' });
  else if (stats.integers > 0)
    variants.push({ type: 'integer', format: stats.large > 0 ? 'int64' : 'int32' });
  if (stats.booleans > 0) variants.push({ type: 'boolean' });
  return variants;
}

const nullable = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  type: [schema['type'], 'null'],
  ...(Array.isArray(schema['enum']) ? { enum: [...(schema['enum'] as unknown[]), null] } : {}),
});

function objectSchema(stats: ValueStats, habits: Habits): JsonSchema {
  const { members, objects, entries } = stats;
  const required = requiredAmong(members, objects, habits);
  const names = [...members.keys()].sort();
  const propertiesOf = (
    some: readonly string[],
    keyword: string,
    keyOf: (name: string) => string,
  ): JsonSchema =>
    some.length === 0
      ? {}
      : {
          [keyword]: Object.fromEntries(
            some.map((name) => [keyOf(name), schemaOf(members.get(name) as ValueStats, habits)]),
          ),
        };
  return {
    type: 'object',
    ...propertiesOf(
      names.filter((name) => !isReference(name)),
      'properties',
      (name) => name,
    ),
    ...propertiesOf(names.filter(isReference), 'patternProperties', (name) => `^\\${name}$`),
    ...(required.size > 0 ? { required: names.filter((name) => required.has(name)) } : {}),
    ...(entries === undefined ? {} : { additionalProperties: schemaOf(entries, habits) }),
  };
}

/** Tools take a member of this name for a reference, wherever it stands: it is described by a pattern. */
const isReference = (name: string): boolean => name === '$ref' || name === '$dynamicRef';

function textSchema(stats: ValueStats): JsonSchema {
  const values = enumOf(stats);
  if (values !== undefined) return { type: 'string', enum: values };
  const [format = '', ...others] = stats.formats.keys();
  return format === '' || others.length > 0 ? { type: 'string' } : { type: 'string', format };
}

/** Few words in many values, and each more than once; undefined: no enumeration. */
export function enumOf({ values, strings }: ValueStats): readonly string[] | undefined {
  if (values === undefined || values.size === 0 || strings < fewestForEnum) return undefined;
  const isRepeated = [...values.values()].every((count) => count >= 2);
  return isRepeated ? [...values.keys()].sort() : undefined;
}

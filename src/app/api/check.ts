import type { Schema } from './schema.ts';

/**
 * What is wrong with a value that somebody sent, in words with its place; undefined: nothing. Knows as much of JSON Schema as
 * `Schema` has for requests; properties that are not declared are refused, for a misspelt one would change what is done.
 */
export function whatIsWrong(value: unknown, schema: Schema, at: string): string | undefined {
  const types = [schema.type ?? []].flat();
  const type = typeOf(value);
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'));
  if (types.length > 0 && !fits)
    return `${at} is ${named(type)}, not ${types.map(named).join(' or ')}`;
  if (schema.enum !== undefined && !schema.enum.some((each) => each === value))
    return `${at} must be one of ${schema.enum.map((each) => JSON.stringify(each)).join(', ')}`;
  if (typeof value === 'number') return bounded(value, at, schema.minimum, schema.maximum, '');
  if (typeof value === 'string')
    return bounded(value.length, at, schema.minLength, schema.maxLength, ' characters long');
  if (Array.isArray(value)) return inList(value, schema, at);
  if (typeof value === 'object' && value !== null) return inObject(value, schema, at);
  return undefined;
}

function inList(values: readonly unknown[], schema: Schema, at: string): string | undefined {
  const { items } = schema;
  const size = bounded(values.length, at, schema.minItems, schema.maxItems, ' elements long');
  if (size !== undefined || items === undefined) return size;
  for (const [index, each] of values.entries()) {
    const wrong = whatIsWrong(each, items, `${at}[${index}]`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function inObject(value: object, schema: Schema, at: string): string | undefined {
  const { properties = {}, required = [] } = schema;
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${at}.${missing} is missing`;
  for (const [name, inner] of Object.entries(value)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined)
      return `${at} has no ${JSON.stringify(name.slice(0, 100))}; it may have ${Object.keys(properties).join(', ')}`;
    const wrong = whatIsWrong(inner, property, `${at}.${name}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function bounded(
  size: number,
  at: string,
  least: number | undefined,
  most: number | undefined,
  what: string,
): string | undefined {
  if (least !== undefined && size < least)
    return `${at} is ${size}${what}, and must be at least ${least}`;
  if (most !== undefined && size > most)
    return `${at} is ${size}${what}, and may be at most ${most}`;
  return undefined;
}

function typeOf(
  value: unknown,
): 'null' | 'array' | 'object' | 'string' | 'boolean' | 'integer' | 'number' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return typeof value === 'string' || typeof value === 'boolean'
    ? (typeof value as 'string')
    : 'object';
}

const named = (type: string): string =>
  type === 'null'
    ? 'null'
    : `${/^[aio]/.test(type) ? 'an' : 'a'} ${type === 'string' ? 'text' : type}`;

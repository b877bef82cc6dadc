import { isObject } from '../options/json.ts';

/** The text of a secret, or of one field in it; undefined: there is no such field. */
export function secretText(secret: unknown, field: string | undefined): string | undefined {
  if (field === undefined) return asText(secret);
  const at = typeof secret === 'string' ? parsed(secret) : secret;
  const found = follow(at, field);
  return found === undefined ? undefined : asText(found);
}

/** Texts as they are, everything else as JSON. */
const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON, so it has no fields.
    return undefined;
  }
}

/** Follows a JSON pointer; its leading slash may be left out. */
function follow(value: unknown, pointer: string): unknown {
  let at = value;
  for (const part of pointer.replace(/^\//, '').split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if ((!Array.isArray(at) && !isObject(at)) || !Object.hasOwn(at, key)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[key];
  }
  return at;
}

/** A member of a JSON object; undefined where there is no such thing. */
export function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key];
}

/** The value of an object's first member: of an item such as `{"create":{…}}`. */
export function firstMember(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.values(value as Readonly<Record<string, unknown>>)[0];
}

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** An OpenAPI document as plain JSON, with its references. */
export type Json = Record<string, unknown>;

export const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
export const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** What a reference stands for, or the value itself. Only references within the document. */
export function deref(document: Json, value: unknown, hops = 0): unknown {
  const ref = asObject(value)['$ref'];
  if (typeof ref !== 'string' || hops > 20) return value;
  let found: unknown = document;
  for (const part of ref.replace(/^#\//, '').split('/'))
    found = (
      Array.isArray(found) ? found[Number(part)] : asObject(found)[unescaped(part)]
    ) as unknown;
  return deref(document, found, hops + 1);
}

const unescaped = (part: string): string =>
  decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');

import type { Document } from 'mongodb';

/** As much of MongoDB's updates and filters as the aggregate pumps use. */

export function matches(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([path, wanted]: [string, unknown]) => {
    const found = at(document, path);
    if (typeof wanted === 'object' && wanted !== null && !('_bsontype' in wanted)) {
      const operators = wanted as Document;
      if ('$exists' in operators) return (found !== undefined) === operators['$exists'];
      if ('$gte' in operators)
        return (
          Number(found) >= Number(operators['$gte']) && Number(found) < Number(operators['$lt'])
        );
    }
    return plain(found) === plain(wanted);
  });
}

/** Changes the document. */
export function update(document: Document, operators: Document): void {
  const each = (name: string, act: (path: string, value: unknown) => void): void =>
    Object.entries((operators[name] ?? {}) as Document).forEach(([path, value]) =>
      act(path, value),
    );
  each('$set', (path, value) => put(document, path, value));
  each('$unset', (path) => put(document, path, undefined));
  each('$inc', (path, value) =>
    put(document, path, Number(at(document, path) ?? 0) + Number(value)),
  );
  const extreme =
    (isBetter: (one: number, other: number) => boolean) => (path: string, value: unknown) => {
      const found = at(document, path);
      if (found === undefined || isBetter(Number(value), Number(found))) put(document, path, value);
    };
  each(
    '$max',
    extreme((one, other) => one > other),
  );
  each(
    '$min',
    extreme((one, other) => one < other),
  );
}

function at(document: Document, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value as Document | undefined)?.[name], document);
}

function put(document: Document, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let inner = document;
  for (const name of names) inner = (inner[name] ??= {}) as Document;
  if (value === undefined) Reflect.deleteProperty(inner, last);
  else inner[last] = value;
}

const plain = (value: unknown): string =>
  value instanceof Date ? String(value.getTime()) : String(value);

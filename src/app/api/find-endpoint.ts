import type { Endpoint } from './endpoint.ts';

export type Found =
  | {
      readonly kind: 'found';
      readonly endpoint: Endpoint;
      readonly places: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'other-method'; readonly methods: readonly string[] }
  /** Its percent signs begin no escape. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'none' };

/** Which endpoint is meant by a path behind the prefix. One with a name at a place wins over one with a part in braces. */
export function findEndpoint(endpoints: readonly Endpoint[], method: string, path: string): Found {
  const said = decoded(path.split('/'));
  if (said === undefined) return { kind: 'broken' };
  const there = endpoints.flatMap((endpoint) => {
    const places = placesOf(endpoint.path.split('/'), said);
    return places === undefined ? [] : [{ kind: 'found', endpoint, places } as const];
  });
  const fewest = Math.min(...there.map(({ places }) => Object.keys(places).length));
  const nearest = there.filter(({ places }) => Object.keys(places).length === fewest);
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = nearest.find(({ endpoint }) => endpoint.method === wanted);
  if (found !== undefined) return found;
  if (nearest.length === 0) return { kind: 'none' };
  const methods = nearest.flatMap(({ endpoint: { method: each } }) =>
    each === 'GET' ? ['GET', 'HEAD'] : [each],
  );
  return { kind: 'other-method', methods };
}

function placesOf(
  pattern: readonly string[],
  said: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== said.length) return undefined;
  const places: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const value = said[at] ?? '';
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name === undefined ? part !== value : value === '') return undefined;
    if (name !== undefined) places[name] = value;
  }
  return places;
}

function decoded(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

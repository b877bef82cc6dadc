/** Pages stand behind the `#` of the address: one document, whatever proxy it comes through. */

export interface Place {
  readonly path: string;
  readonly params: URLSearchParams;
}

export function placeOf(hash: string): Place {
  const text = hash.replace(/^#/, '');
  const at = text.indexOf('?');
  const path = at < 0 ? text : text.slice(0, at);
  return {
    path: path === '' ? '/' : path,
    params: new URLSearchParams(at < 0 ? '' : text.slice(at + 1)),
  };
}

/** What stands where a path has a part in braces; undefined: the path is another one. */
export function placesIn(
  pattern: string,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const said = path.split('/');
  if (wanted.length !== said.length) return undefined;
  const places: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = said[at] ?? '';
    const [, name] = /^\{(\w+)\}$/.exec(part) ?? [];
    if (name === undefined) {
      if (part !== value) return undefined;
      continue;
    }
    if (value === '') return undefined;
    try {
      places[name] = decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }
  return places;
}

export const routeAddress = (route: string): string => `#/routes/${encodeURIComponent(route)}`;

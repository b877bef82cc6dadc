import type { AuthKind } from '../calls/auth.ts';
import type { Operation } from '../operations/operation.ts';

type Json = { readonly [key: string]: unknown };

/** Of components: letters, digits and a few signs alone. */
export const schemeName = (kind: AuthKind): string => kind.replaceAll(/[^A-Za-z0-9._-]/g, '-');

/** As OpenAPI describes the ways in which callers said who they are. */
export function securitySchemes(operations: Iterable<Operation>): Json {
  const kinds = new Set<AuthKind>();
  for (const { auth } of operations) for (const kind of auth.keys()) kinds.add(kind);
  return Object.fromEntries([...kinds].sort().map((kind) => [schemeName(kind), schemeOf(kind)]));
}

function schemeOf(kind: AuthKind): Json {
  const [place = '', ...rest] = kind.split(':');
  const name = rest.join(':');
  switch (place) {
    case 'jwt':
      return { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' };
    case 'scheme':
      return { type: 'http', scheme: name };
    case 'header':
    case 'query':
    case 'cookie':
      return { type: 'apiKey', in: place, name };
    default:
      return { type: 'http', scheme: place };
  }
}

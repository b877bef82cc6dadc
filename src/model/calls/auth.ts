import { isSecretName } from '../values/showable.ts';
import type { Fields } from './body.ts';
import type { Call } from './call.ts';

/**
 * How a caller says who it is: `bearer`, `jwt` (a bearer token that is one), `basic`, `digest`, `scheme:<name>`,
 * `header:<name>`, `query:<name>`, `cookie:<name>`.
 */
export type AuthKind = string;

export function authOf({ request }: Call, query: Fields, cookies: readonly string[]): AuthKind[] {
  if (request === undefined) return [];
  const found: AuthKind[] = [];
  for (const [name, value] of request.headers) {
    if (name === 'authorization') found.push(schemeOf(value));
    else if (name !== 'cookie' && isCredential(name)) found.push(`header:${name}`);
  }
  for (const [name] of query) if (isSecretQuery(name)) found.push(`query:${name}`);
  if (found.length > 0) return [...new Set(found)];
  return cookies.filter(isSession).map((name) => `cookie:${name}`);
}

const isCredential = (name: string): boolean =>
  !name.startsWith('x-csrf') &&
  !name.startsWith('x-xsrf') &&
  !name.endsWith('-signature') &&
  isSecretName(name);

/** `code` and `state` of OAuth are no credentials of a caller. */
const isSecretQuery = (name: string): boolean =>
  /^(?:api[_-]?key|key|access[_-]?token|token|auth(?:[_-]?token)?|app[_-]?(?:id|key)|sig(?:nature)?)$/i.test(
    name,
  );

const isSession = (name: string): boolean =>
  /sess|sid$|^sid|auth|token|jwt|login/i.test(name) && !/csrf|xsrf/i.test(name);

function schemeOf(value: string): AuthKind {
  const [scheme = '', token = ''] = value.split(/\s+/, 2);
  const name = scheme.toLowerCase();
  if (name === 'bearer') return /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/.test(token) ? 'jwt' : 'bearer';
  if (name === 'basic' || name === 'digest') return name;
  // A bare token, as some send it, is no name of a scheme.
  return token === '' || !/^[a-z][a-z0-9-]{1,24}$/.test(name)
    ? 'header:authorization'
    : `scheme:${name}`;
}

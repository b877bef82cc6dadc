import type { Secret } from '../../lib/secret.ts';
import type { Rule } from '../rule.ts';

/**
 * The addresses of HTTP servers as operators write them, which may hold a user and a password. Read, explained and shown
 * here for every pump, so that none shows more of one than `shownUrl` does.
 */

/** All that is ever shown of a URL: scheme, host and port. A path or a query may be a secret too. */
export const shownUrl = ({ origin }: URL): string => origin;

/** The address an operator wrote; undefined where HTTP cannot be spoken to it, or where it is not what was meant. */
export function httpUrl(text: string): URL | undefined {
  if (hasStrayAt(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

/**
 * Whether there is an `@` that separates no user from a host. A `/`, `?`, `#` or `\` in a password ends the authority
 * there, and what was meant as the user becomes the host: `http://shipper:123/S3cret@elastic` is port 123 of `shipper`.
 */
export function hasStrayAt(text: string): boolean {
  const [, rest] = /^\s*(?:[a-z][a-z\d+.-]*:)?[/\\]*[^/\\?#]*(.*)$/is.exec(text) ?? [];
  return rest?.includes('@') === true;
}

/** What the escapes of a user and a password stand for; a percent sign that begins none is itself. */
export function credentialsIn({
  username,
  password,
}: URL): { readonly username: string; readonly password: string } | undefined {
  if (username === '' && password === '') return undefined;
  return { username: unescaped(username), password: unescaped(password) };
}

const unescaped = (text: string): string =>
  text.replace(/(?:%[\da-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });

/**
 * The path and query of a request below an address that has a path or a query of its own: both are kept, the address's
 * first. An empty path means the address as it is, with its trailing slash.
 */
export function below(
  { pathname, search }: Pick<URL, 'pathname' | 'search'>,
  path: string,
): string {
  const [, own = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(path) ?? [];
  const whole = own === '' ? pathname : pathname.replace(/\/+$/, '') + own;
  const queries = [search.slice(1), query].filter((part) => part !== '');
  return queries.length === 0 ? whole : `${whole}?${queries.join('&')}`;
}

export const strayAtFound = 'a URL with an "@" behind its host';
export const strayAtExpected =
  'user and password before the host with their "/", "?", "#", "\\" and "@" written %2F, %3F, %23, %5C and %40; an "@" of a path as %40';

/** What is wrong with an address, without a character of it. */
export function* httpUrlProblems<Key extends string>(
  key: Key,
  address: Secret,
  { sends }: { /** What the pump signs in with. */ readonly sends: 'user and password' | 'token' },
): Iterable<Rule & { readonly key: Key }> {
  const text = address.reveal();
  const url = httpUrl(text);
  if (hasStrayAt(text))
    yield { key, found: strayAtFound, expected: strayAtExpected, severity: 'error' };
  else if (url === undefined)
    yield {
      key,
      found: 'no such URL',
      expected: 'a URL that begins with http:// or https://',
      severity: 'error',
    };
  else yield* withoutEffect(key, url, sends);
}

function* withoutEffect<Key extends string>(
  key: Key,
  url: URL,
  sends: 'user and password' | 'token',
): Iterable<Rule & { readonly key: Key }> {
  const severity = 'warning';
  if (url.hash !== '')
    yield { key, found: 'a URL with a fragment', expected: 'none: it is not sent', severity };
  if (sends === 'token' && credentialsIn(url) !== undefined)
    yield {
      key,
      found: 'a URL with a user or a password',
      expected: 'none: the token is sent, they are not',
      severity,
    };
}

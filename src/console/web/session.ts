/** Who looks: credentials are kept in this tab alone, and end with it. They are never part of an address. */

const key = 'sluice-credentials';

/** The value of an Authorization header; undefined: none was given. */
export function credentials(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? inMemory;
  } catch {
    return inMemory;
  }
}

/** Where the browser keeps nothing, until the page is left. */
let inMemory: string | undefined;

export function remember(authorization: string): void {
  inMemory = authorization;
  try {
    sessionStorage.setItem(key, authorization);
  } catch {
    // Kept in memory.
  }
}

export function forget(): void {
  inMemory = undefined;
  try {
    sessionStorage.removeItem(key);
  } catch {
    // There was none.
  }
}

export const bearer = (token: string): string => `Bearer ${token.trim()}`;

export function basic(name: string, password: string): string {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}

/** Names under which somebody may have written a token into the address. */
const secretNames = ['token', 'access_token', 'authorization', 'password', 'key'];

/** Takes credentials out of the address, unread; true: there were some. */
export function cleanAddress(location: Location, history: History): boolean {
  const url = new URL(location.href);
  const at = url.hash.indexOf('?');
  // A hash that is no path of a page may be a list of names itself: #token=….
  const isList = at < 0 && !url.hash.startsWith('#/') && url.hash.includes('=');
  const path = isList ? '' : at < 0 ? url.hash : url.hash.slice(0, at);
  const behindHash = new URLSearchParams(
    isList ? url.hash.slice(1) : at < 0 ? '' : url.hash.slice(at + 1),
  );
  let isFound = false;
  for (const params of [url.searchParams, behindHash])
    for (const name of [...params.keys()])
      if (secretNames.includes(name.toLowerCase())) {
        params.delete(name);
        isFound = true;
      }
  if (!isFound) return false;
  const rest = behindHash.toString();
  url.hash = rest === '' ? path : isList ? rest : `${path}?${rest}`;
  history.replaceState(null, '', url);
  return true;
}

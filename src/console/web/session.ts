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
  const [path = '', search = ''] = url.hash.split('?');
  const behindHash = new URLSearchParams(search);
  let isFound = false;
  for (const params of [url.searchParams, behindHash])
    for (const name of [...params.keys()])
      if (secretNames.includes(name.toLowerCase())) {
        params.delete(name);
        isFound = true;
      }
  if (!isFound) return false;
  url.hash = behindHash.size === 0 ? path : `${path}?${behindHash.toString()}`;
  history.replaceState(null, '', url);
  return true;
}

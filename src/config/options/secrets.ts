import { Secret } from '../../lib/secret.ts';
import type { Leaf } from './leaves.ts';

/**
 * What of a set's values must be masked wherever it turns up: each secret, and with its user, for basic authentication
 * writes both in one. Of a URL only user and password, or every message with an address would lose it.
 */
export function secretsIn(
  leaves: readonly Leaf[],
  values: ReadonlyMap<string, unknown>,
): readonly string[] {
  return leaves.flatMap(({ key }) => {
    const users = [key.replace(/password$/, 'username'), `${key}_id`]
      .map((name) => values.get(name))
      .filter((user) => typeof user === 'string' && user !== '');
    return valuesIn(values.get(key))
      .filter((value) => value instanceof Secret)
      .map((value) => value.reveal())
      .flatMap(textsOf)
      .flatMap((text) => [text, ...users.map((user) => `${String(user)}:${text}`)]);
  });
}

/** Of one secret. */
export const textsOf = (secret: string): readonly string[] =>
  (secret.includes('://') ? inUrls(secret) : [secret, secret.trim()]).filter((text) => text !== '');

/** Of one option: itself, or what is in its list, its object or its rows. */
function valuesIn(value: unknown): readonly unknown[] {
  if (value instanceof Secret || typeof value !== 'object' || value === null) return [value];
  return Object.values(value).flatMap(valuesIn);
}

/** Of URLs separated by commas, also of broken ones: up to the last `@`. */
function inUrls(text: string): readonly string[] {
  return text.split(/,(?=\s*[a-z][a-z\d+.-]*:\/\/)/i).flatMap((url) => {
    const [, userInfo] = /:\/\/(.*)@/s.exec(url) ?? [];
    if (userInfo === undefined) return [];
    const colon = userInfo.indexOf(':');
    // A user alone is a token.
    if (colon < 0) return [userInfo, unescaped(userInfo)];
    const password = userInfo.slice(colon + 1);
    return [password, unescaped(password), unescaped(userInfo)];
  });
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import { createHash } from 'node:crypto';
import { Secret } from './secret.ts';

/**
 * Equal texts for equal values, and practically never for others. Secrets count as what they are: for comparing in this process
 * alone, for of a short secret the digest would tell.
 */
export const digestOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([plain(value)]))
    .digest('base64');

/** What JSON would make alike, or nothing of, is told apart. The order of members says nothing. */
function plain(value: unknown): unknown {
  if (value instanceof Secret) return { secret: value.reveal() };
  if (typeof value === 'function' || value instanceof RegExp) return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return [...value].map((pair) => plain(pair));
  if (value instanceof Set) return [...value].map((each) => plain(each));
  if (value instanceof URL) return value.href;
  if (Array.isArray(value)) return value.map((each) => plain(each));
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, plain(member)]);
}

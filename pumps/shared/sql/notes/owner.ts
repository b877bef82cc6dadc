import { createHash } from 'node:crypto';

/** Longest that MySQL's key has room for. */
const longest = 190;

/** Whose notes: a route's, about what it writes to. Names that are too long become their hash. */
export function ownerOf(route: string, target: string): string {
  const name = `${route}/${target}`;
  return name.length <= longest ? name : createHash('sha256').update(name).digest('hex');
}

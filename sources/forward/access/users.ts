import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '#source';

/** What a refused client is told to do. */
export const challenge: readonly string[] = [
  'Proxy-Authenticate',
  'Basic realm="sluice", charset="UTF-8"',
];

/** Whether a `Proxy-Authorization` is of one of the users. Undefined: nobody need prove anything. */
export function userCheck(
  users: Readonly<Record<string, Secret>>,
): ((header: string | undefined) => boolean) | undefined {
  const known = new Map(
    Object.entries(users).map(([name, password]) => [name, digest(password.reveal())]),
  );
  if (known.size === 0) return undefined;
  // As long for a name that nobody has.
  const nobody = digest(`${Math.random()}`);
  return (header) => {
    const [, encoded] = /^basic +([\w+/=-]+) *$/i.exec(header ?? '') ?? [];
    if (encoded === undefined) return false;
    const [, name = '', password = ''] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
    const expected = known.get(name);
    return timingSafeEqual(digest(password), expected ?? nobody) && expected !== undefined;
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

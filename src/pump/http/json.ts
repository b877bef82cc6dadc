import type { HttpAnswer } from './answer.ts';

/** The body as JSON; undefined where it is none. */
export function jsonOf({ body }: Pick<HttpAnswer, 'body'>): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** A member of what may be an object. */
export function jsonMember(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

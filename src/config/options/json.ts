import { Unresolved } from './unresolved.ts';

/** A JSON object as parsed: not an array, not null. */
export function isObject(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return (
    typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Unresolved)
  );
}

/** What a value is, in the words of a problem. Never the value itself: it may be a secret. */
export function typeName(raw: unknown): string {
  if (raw === undefined) return 'nothing';
  if (raw === null) return 'null';
  if (Array.isArray(raw)) return 'list';
  if (raw instanceof Unresolved) return 'text';
  if (typeof raw === 'string') return raw === '' ? 'empty text' : 'text';
  return typeof raw;
}

/** The member of that name: exactly, else in any letter case, as Go's JSON decoder looks it up. */
export function member(raw: unknown, name: string): unknown {
  if (!isObject(raw)) return undefined;
  if (Object.hasOwn(raw, name)) return raw[name];
  const wanted = name.toLowerCase();
  const found = Object.keys(raw).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : raw[found];
}

/** Freezes plain objects and lists, however deep. */
export function deepFreeze<T>(value: T): T {
  const isPlain =
    Array.isArray(value) || (isObject(value) && Object.getPrototypeOf(value) === Object.prototype);
  if (!isPlain || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value as object)) deepFreeze(inner);
  return Object.freeze(value);
}

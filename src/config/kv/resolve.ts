import type { Environment } from '../options/environment.ts';
import { isObject } from '../options/json.ts';
import type { Reading } from '../options/option.ts';
import { Unresolved } from '../options/unresolved.ts';
import { cut, hasReference, type Reference } from './reference.ts';
import type { Registry } from './registry.ts';
import { secretText } from './secret-value.ts';

/** Takes what came from a store, for it is a secret wherever it stands. */
type OnFetched = (secret: string) => void;

/** Replaces every reference in a JSON value; one that cannot be resolved becomes an `Unresolved`. */
export async function resolveTree(
  raw: unknown,
  registry: Registry,
  onFetched: OnFetched = () => undefined,
): Promise<unknown> {
  if (typeof raw === 'string') {
    if (!hasReference(raw)) return raw;
    const reading = await resolveText(raw, registry, onFetched);
    return reading.ok ? reading.value : new Unresolved(reading.expected);
  }
  if (Array.isArray(raw))
    return Promise.all(raw.map((element: unknown) => resolveTree(element, registry, onFetched)));
  if (!isObject(raw)) return raw;
  const entries = Object.entries(raw).map(
    async ([key, value]) => [key, await resolveTree(value, registry, onFetched)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

export interface ResolvedEnvironment {
  readonly env: Environment;
  /** Variables that could not be resolved: name → what was expected. */
  readonly unresolved: ReadonlyMap<string, string>;
}

/** Replaces the references in the variables that `isOurs` names. */
export async function resolveEnvironment(
  env: Environment,
  registry: Registry,
  isOurs: (name: string) => boolean,
  onFetched: OnFetched = () => undefined,
): Promise<ResolvedEnvironment> {
  const resolved: Record<string, string | undefined> = { ...env };
  const unresolved = new Map<string, string>();
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined || !hasReference(text) || !isOurs(name)) continue;
    const reading = await resolveText(text, registry, onFetched);
    if (reading.ok) resolved[name] = reading.value;
    else unresolved.set(name, reading.expected);
  }
  return { env: resolved, unresolved };
}

async function resolveText(
  text: string,
  registry: Registry,
  onFetched: OnFetched,
): Promise<Reading<string>> {
  const parts = cut(text);
  if (!parts.ok) return parts;
  let result = '';
  for (const part of parts.value) {
    if (typeof part === 'string') {
      result += part;
      continue;
    }
    const reading = await fetch(part, registry);
    if (!reading.ok) return reading;
    onFetched(reading.value);
    result += reading.value;
  }
  return { ok: true, value: result };
}

async function fetch(reference: Reference, registry: Registry): Promise<Reading<string>> {
  const { store: name, path, field } = reference;
  const store = registry.get(name);
  if (store === undefined) {
    const known = [...registry.keys()].map((key) => `"${key}"`).join(', ');
    const hint = known === '' ? 'none is configured' : `configured: ${known}`;
    return { ok: false, expected: `a store named "${name}" under kv.stores (${hint})` };
  }
  if ('unusable' in store) return { ok: false, expected: store.unusable };
  const secret = await store.get(path);
  if (!secret.ok) return { ok: false, expected: `${secret.expected}, store "${name}"` };
  const found = secretText(secret.value, field);
  if (found === undefined)
    return { ok: false, expected: `a field "${field ?? ''}" in "${path}" of the store "${name}"` };
  return { ok: true, value: found };
}

import { createHash } from 'node:crypto';
import type { EffectiveValue } from '../config/effective.ts';

/** What an instance says of itself in Redis, for whoever wonders who is at work. */
export interface InstanceAbout {
  readonly host: string;
  /** When it started, UTC. */
  readonly since: string;
  /** Hash of its configuration. */
  readonly configuration: string;
  readonly pumps: readonly { readonly route: string; readonly type: string }[];
}

/** Of all values without secrets: whoever reads it learns nothing, and whoever only has another password is the same. */
export const configurationHash = (values: readonly EffectiveValue[]): string =>
  createHash('sha256')
    .update(JSON.stringify(values.map(({ key, value }) => [key, value ?? null]).sort()))
    .digest('hex')
    .slice(0, 12);

/** One line, short: every list keeps it. */
export const aboutText = ({ host, since, configuration, pumps }: InstanceAbout): string =>
  JSON.stringify({
    host,
    since,
    configuration,
    pumps: pumps.map(({ route, type }) => [route, type]),
  });

/** Undefined: it says nothing of itself, as versions before, or somebody else wrote there. */
export function readAbout(text: string): InstanceAbout | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { host, since, configuration, pumps } = raw as Readonly<Record<string, unknown>>;
  if (![host, since, configuration].every((each) => typeof each === 'string')) return undefined;
  if (!Array.isArray(pumps)) return undefined;
  return {
    host: String(host),
    since: String(since),
    configuration: String(configuration),
    pumps: pumps.flatMap((each: unknown) => {
      if (!Array.isArray(each)) return [];
      const [route, type] = each as readonly unknown[];
      return typeof route === 'string' && typeof type === 'string' ? [{ route, type }] : [];
    }),
  };
}

/** What does not fit together among instances on the same lists, in words. */
export function instanceRemarks(
  instances: readonly { readonly name: string; readonly about: InstanceAbout | undefined }[],
): readonly string[] {
  const told = instances.flatMap(({ name, about }) =>
    about === undefined ? [] : [{ name, about }],
  );
  const remarks: string[] = [];
  const routes = new Set(told.flatMap(({ about }) => about.pumps.map(({ route }) => route)));
  for (const route of [...routes].sort()) {
    const missing = told.filter(({ about }) => about.pumps.every((each) => each.route !== route));
    if (missing.length > 0)
      remarks.push(`${route} is not configured in ${missing.map(({ name }) => name).join(', ')}`);
  }
  const hashes = new Map<string, string[]>();
  for (const { name, about } of told)
    hashes.set(about.configuration, [...(hashes.get(about.configuration) ?? []), name]);
  if (hashes.size > 1)
    remarks.push(
      `configurations differ: ${[...hashes].map(([hash, names]) => `${hash} in ${names.join(', ')}`).join('; ')}`,
    );
  return remarks;
}

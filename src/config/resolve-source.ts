import { buildRegistry } from './kv/registry.ts';
import { resolveEnvironment, resolveTree } from './kv/resolve.ts';
import type { Environment } from './options/environment.ts';
import { isObject, member } from './options/json.ts';
import type { SourceInput, WrittenFile } from './read-source.ts';
import type { Findings } from './tyk/findings.ts';
import { tykPumpTypes } from './tyk/pump-types.ts';

/** File and environment, without KV references. */
export interface ConfigSource {
  readonly raw: unknown;
  /** There is no file: the environment says everything. */
  readonly isFileless: boolean;
  readonly name: string;
  readonly env: Environment;
  readonly unresolved: ReadonlyMap<string, string>;
  readonly types: ReadonlySet<string>;
  /** Texts that must be masked, as they are found. */
  readonly secrets: string[];
}

/** Follows the references in the file and in the variables. */
export async function resolveSource(
  { raw: written, isLeftOut }: Pick<WrittenFile, 'raw' | 'isLeftOut'>,
  input: SourceInput & { readonly types?: readonly string[] },
  findings: Findings,
): Promise<ConfigSource> {
  const { path, env, readFile, types = tykPumpTypes } = input;
  const stores = { raw: member(written, 'kv'), source: path, env, readFile };
  const { registry, problems } = buildRegistry(stores);
  findings.problems.push(...problems);
  const secrets: string[] = [];
  const onFetched = (text: string): void => {
    if (!isPlain(text)) secrets.push(text);
  };
  // The stores themselves may hold texts that look like references.
  const raw = isObject(written)
    ? await resolveTree(without(written, 'kv'), registry, onFetched)
    : written;
  const prefixes = ['TYK_PMP', ...chosenPrefixes(raw)].map((prefix) => `${prefix}_`);
  const isOurs = (name: string): boolean =>
    !name.startsWith('TYK_PMP_KV_') && prefixes.some((prefix) => name.startsWith(prefix));
  const resolved = await resolveEnvironment(env, registry, isOurs, onFetched);
  return { raw, isFileless: isLeftOut, name: path, ...resolved, types: new Set(types), secrets };
}

/** What a store holds beside secrets: a port, a switch. Masked, it would be missing in half of all lines. */
const isPlain = (text: string): boolean => /^(?:true|false|\d{1,7})$/i.test(text);

const without = (
  raw: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(raw).filter(([key]) => key.toLowerCase() !== name));

/** The prefixes that pumps of the file chose for their meta variables. */
function chosenPrefixes(raw: unknown): readonly string[] {
  const pumps = member(raw, 'pumps');
  return Object.values(isObject(pumps) ? pumps : {})
    .map((pump) => member(member(pump, 'meta'), 'meta_env_prefix'))
    .filter((prefix) => typeof prefix === 'string' && prefix !== '')
    .map(String);
}

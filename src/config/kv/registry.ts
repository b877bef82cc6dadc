import type { ReadFile } from '../files.ts';
import { mergeJson, repeatProblems } from '../json-merge.ts';
import { readJson } from '../json-text.ts';
import { flag, text } from '../options/builders.ts';
import type { Environment } from '../options/environment.ts';
import { isObject, member, typeName } from '../options/json.ts';
import type { OptionSet } from '../options/option.ts';
import { parseSet } from '../options/parse-set.ts';
import type { Problem } from '../problem.ts';
import { envStore, fileStore, inlineStore, type Store } from './stores.ts';

/** The configured stores by name: a usable one, or why it is not. */
export type Registry = ReadonlyMap<string, Store | { readonly unusable: string }>;

export interface RegistryInput {
  /** `kv` of the file. */
  readonly raw: unknown;
  readonly source: string;
  readonly env: Environment;
  readonly readFile: ReadFile;
}

const variable = 'TYK_PMP_KV_STORES';

const remoteTypes = new Set([
  'hashicorp_vault',
  'hashicorp_consul',
  'aws_secrets_manager',
  'azure_key_vault',
  'gcp_secret_manager',
]);

const storeOptions = {
  type: text({ doc: 'Kind of store: env, inline or file.', default: '' }),
  required: flag({ doc: 'Without this store the service does not start.', default: false }),
};

/** Builds the stores of the file and of `TYK_PMP_KV_STORES`, which replaces stores of the same name. */
export function buildRegistry(input: RegistryInput): {
  readonly registry: Registry;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const registry = new Map<string, Store | { readonly unusable: string }>();
  for (const { name, raw, source, key } of definitions(input, problems)) {
    const common = parse(storeOptions, { raw, source, at: key, allowed: ['config'] });
    problems.push(...common.problems);
    if (common.value === undefined) continue;
    const { type, required } = common.value;
    const config = member(raw, 'config');
    const built = build(type, { ...input, raw: config, source, at: `${key}.config` });
    problems.push(...built.problems.map((problem) => soften(problem, required)));
    if (built.store !== undefined) {
      registry.set(name, built.store);
      continue;
    }
    const reason = whyUnusable(name, type);
    registry.set(name, { unusable: reason });
    if (built.problems.length === 0) {
      const problem = { source, key: `${key}.type`, found: typeName(member(raw, 'type')) };
      const severity = remoteTypes.has(type) && !required ? 'warning' : 'error';
      problems.push(soften({ ...problem, expected: reason, severity }, required));
    }
  }
  return { registry, problems };
}

/** A store that is not required may lack something, as long as nobody refers to it. What is there must be readable. */
const soften = (problem: Problem, isRequired: boolean): Problem =>
  isRequired || problem.found !== 'nothing' ? problem : { ...problem, severity: 'warning' };

function whyUnusable(name: string, type: string): string {
  if (remoteTypes.has(type))
    return `the store "${name}" to be of type env, inline or file; the remote type "${type}" is not available in this version`;
  const isLocal = type === 'env' || type === 'inline' || type === 'file';
  return isLocal
    ? `the store "${name}" (type "${type}") to be configured correctly`
    : `the store "${name}" to be of type env, inline or file, not "${type}"`;
}

interface Definition {
  readonly name: string;
  readonly raw: unknown;
  readonly source: string;
  readonly key: string;
}

function definitions(input: RegistryInput, problems: Problem[]): readonly Definition[] {
  const stores = new Map<string, Definition>();
  const add = (raw: unknown, source: string, at: string): void => {
    if (raw === undefined || raw === null) return;
    if (!isObject(raw)) {
      const found = typeName(raw);
      problems.push({ source, key: at, found, expected: 'an object', severity: 'error' });
      return;
    }
    for (const [name, store] of Object.entries(raw))
      stores.set(name, { name, raw: store, source, key: `${at}.${name}` });
  };
  add(member(input.raw, 'stores'), input.source, 'kv.stores');
  const fromEnv = input.env[variable];
  if (fromEnv !== undefined && fromEnv !== '') {
    const reading = readJson(fromEnv);
    const at = { source: 'environment', key: variable };
    if (reading.ok) {
      const { value, repeats } = mergeJson(reading.node, 'maps');
      problems.push(...repeatProblems(repeats, { source: 'environment', at: variable }));
      add(value, 'environment', variable);
    } else {
      const { line, column, found, expected: wanted } = reading.problem;
      const why = `line ${line}, column ${column}: found ${found}, expected ${wanted}`;
      const expected = `an object of stores as JSON (${why})`;
      problems.push({ ...at, found: 'text', expected, severity: 'error' });
    }
  }
  return [...stores.values()];
}

interface BuildInput extends RegistryInput {
  readonly at: string;
}

interface Built {
  readonly store: Store | undefined;
  readonly problems: readonly Problem[];
}

const envOptions = {
  prefix: text({ doc: 'What every variable of the store begins with.' }),
  uppercase: flag({ doc: 'Turns the path of a reference to upper case.', default: false }),
};

const fileOptions = { base_path: text({ doc: 'Directory of the secrets.' }) };

function build(type: string, input: BuildInput): Built {
  switch (type) {
    case 'env': {
      const { value, problems } = parse(envOptions, { ...input, allowed: [] });
      return { store: value && envStore(input.env, value), problems };
    }
    case 'file': {
      const { value, problems } = parse(fileOptions, { ...input, allowed: [] });
      return { store: value && fileStore(input.readFile, value.base_path), problems };
    }
    case 'inline': {
      const data = member(input.raw, 'data');
      if (isObject(data)) return { store: inlineStore(data), problems: [] };
      const problem = { source: input.source, key: `${input.at}.data`, found: typeName(data) };
      const problems: Problem[] = [{ ...problem, expected: 'an object', severity: 'error' }];
      return { store: undefined, problems };
    }
    default:
      return { store: undefined, problems: [] };
  }
}

function parse<S extends OptionSet>(
  options: S,
  from: Pick<Parameters<typeof parseSet>[1], 'raw' | 'source' | 'at' | 'allowed'>,
) {
  const { raw, source, at, allowed } = from;
  return parseSet(options, {
    raw,
    source,
    at,
    allowed,
    env: {},
    layers: [],
    unresolved: new Map(),
  });
}

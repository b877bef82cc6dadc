import type { Environment } from '../../../config/options/environment.ts';
import { member, typeName } from '../../../config/options/json.ts';
import { parseSet } from '../../../config/options/parse-set.ts';
import type { Note, Problem } from '../../../config/problem.ts';
import { nearest } from '../../../lib/nearest.ts';
import type { PreparedSource, SourceKind } from '../../define/define-source.ts';
import { entryOptions } from './options.ts';

/** An element of `sources`, checked. */
export interface ConfiguredSource {
  readonly name: string;
  readonly type: string;
  readonly isRecording: boolean;
  /** It may run in several processes at once. */
  readonly sharesPorts: boolean;
  readonly source: PreparedSource;
}

interface ReadSources {
  readonly sources: readonly ConfiguredSource[];
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  readonly secrets: readonly string[];
  readonly variables: ReadonlySet<string>;
}

interface Input {
  /** The whole configuration. */
  readonly raw: unknown;
  readonly source: string;
  readonly env: Environment;
  readonly unresolved: ReadonlyMap<string, string>;
  /** Of variables; a source's are behind `_SOURCES_<NAME>`. */
  readonly prefix: string;
  readonly findSource: (type: string) => Promise<SourceKind | undefined>;
  /** Types there are, for hints. */
  readonly types: readonly string[];
}

export async function readSources(input: Input): Promise<ReadSources> {
  const { raw, source } = input;
  const list = member(raw, 'sources');
  const all: Findings = { problems: [], notes: [], secrets: [], variables: new Set() };
  if (!Array.isArray(list) || list.length === 0) {
    const found = Array.isArray(list) ? 'an empty list' : typeName(list);
    all.problems.push({
      source,
      key: 'sources',
      found,
      expected: 'a list of at least one source',
      severity: 'error',
    });
    return { sources: [], ...all };
  }
  const sources: ConfiguredSource[] = [];
  const names = new Set<string>();
  for (const [index, element] of list.entries()) {
    const read = await readSource(element, `sources[${index}]`, input, all);
    if (read === undefined) continue;
    const variable = inVariables(read.name);
    if (names.has(variable))
      all.problems.push({
        ...{ source, key: `sources[${index}].id`, found: `a second source called "${read.name}"` },
        ...{ expected: 'an `id` of its own', severity: 'error' },
      });
    names.add(variable);
    if (read.prepared !== undefined) {
      const { prepared, ...source } = read;
      sources.push({ ...source, source: prepared });
    }
  }
  return { sources, ...all };
}

interface Findings {
  readonly problems: Problem[];
  readonly notes: Note[];
  readonly secrets: string[];
  readonly variables: Set<string>;
}

interface ReadSource extends Omit<ConfiguredSource, 'source'> {
  readonly prepared: PreparedSource | undefined;
}

async function readSource(
  element: unknown,
  at: string,
  { source, env, unresolved, prefix, findSource, types }: Input,
  all: Findings,
): Promise<ReadSource | undefined> {
  const type = member(element, 'type');
  const kind = typeof type === 'string' ? await findSource(type) : undefined;
  const name = nameOf(element);
  const from = {
    ...{ raw: element, source, at, env, unresolved },
    layers: name === undefined ? [] : [{ prefix: `${prefix}_SOURCES_${inVariables(name)}` }],
  };
  const optionNames = Object.keys(kind?.options ?? {});
  const entry = parseSet(entryOptions, { ...from, allowed: optionNames });
  // Who has no type known cannot say which of the other names are right.
  const own = entry.problems.filter((problem) => problem.isUnknown !== true);
  all.problems.push(...own);
  for (const variable of entry.variables) all.variables.add(variable);
  if (kind === undefined) {
    if (typeof type === 'string') {
      const guess = nearest(type, types);
      const hint = guess === undefined ? `: ${types.join(', ')}` : `; did you mean "${guess}"?`;
      const found = 'a type that is not there';
      all.problems.push({
        source,
        key: `${at}.type`,
        found,
        expected: `a type of source${hint}`,
        severity: 'error',
      });
    }
    return undefined;
  }
  const prepared = kind.prepare({ ...from, allowed: Object.keys(entryOptions) });
  all.problems.push(...prepared.problems);
  all.notes.push(...entry.notes, ...prepared.notes);
  all.secrets.push(...prepared.secrets);
  for (const variable of prepared.variables) all.variables.add(variable);
  return {
    name: name ?? kind.type,
    type: kind.type,
    isRecording: entry.value?.record ?? true,
    sharesPorts: kind.sharesPorts,
    prepared: prepared.source,
  };
}

function nameOf(element: unknown): string | undefined {
  const said = [member(element, 'id'), member(element, 'type')];
  return said.find((text): text is string => typeof text === 'string' && text !== '');
}

const inVariables = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');

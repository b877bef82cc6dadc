/**
 * Everything that calls are decided by, from the options and their files. On a reload, a file that can no longer be used keeps
 * what it said before, and a folder or policies that cannot be read keep all: a slip in one file takes nothing out of service.
 */
import { readFile } from 'node:fs/promises';
import { explain, type PlacedProblem, readStructured } from '#source';
import type { Api } from '../definition/api.ts';
import type { DefinitionDefaults } from '../definition/target.ts';
import type { Options } from '../options.ts';
import { type Policies, readPolicies } from '../policy/read-policies.ts';
import { readDefinitionFiles } from './definition-files.ts';
import { type ShortForm, shortFormApis } from './short-form.ts';

export interface Loaded {
  /** All that are served. */
  readonly apis: readonly Api[];
  readonly byFile: ReadonlyMap<string, Api>;
  readonly policies: Policies;
  readonly findings: Findings;
}

export interface Findings {
  readonly problems: readonly PlacedProblem[];
  /** Files without an API because of what is wrong with them. */
  readonly refused: readonly string[];
  /** Files that still serve what they said before. */
  readonly kept: readonly string[];
  readonly inactive: readonly string[];
}

type Wanted = ShortForm & Pick<Options, 'apis' | 'policies'>;

/** Never rejects. */
export async function loadRules(
  wanted: Wanted,
  defaults: DefinitionDefaults & { readonly hasSessions: boolean },
  before: Loaded | undefined,
): Promise<Loaded> {
  const problems: PlacedProblem[] = [];
  const refused: string[] = [];
  const kept: string[] = [];
  const inactive: string[] = [];
  const policies = await loadPolicies(wanted.policies, problems, before);
  const byFile = new Map<string, Api>();
  const shortForm = shortFormApis(wanted, defaults);
  const places = new Map(shortForm.map((api) => [placeOf(api), api.from]));
  const ids = new Map<string, string>();
  for (const file of await filesIn(wanted.apis, defaults, problems, before)) {
    problems.push(...file.problems);
    const earlier = before?.byFile.get(file.path);
    const api = file.api ?? (file.isInactive ? undefined : earlier);
    if (file.isInactive) inactive.push(file.path);
    else if (api === undefined) refused.push(file.path);
    else if (file.api === undefined) kept.push(file.path);
    if (api === undefined) continue;
    const other = places.get(placeOf(api)) ?? ids.get(api.id);
    if (other !== undefined) {
      problems.push(clash(file.path, other));
      refused.push(file.path);
      continue;
    }
    places.set(placeOf(api), file.path);
    ids.set(api.id, file.path);
    byFile.set(file.path, api);
  }
  return {
    apis: [...shortForm, ...byFile.values()],
    ...{ byFile, policies, findings: { problems, refused, kept, inactive } },
  };
}

const placeOf = ({ domain, listenPath }: Api): string => `${domain} ${listenPath}`;

const clash = (file: string, other: string): PlacedProblem => ({
  ...{ source: file, key: 'proxy.listen_path', at: undefined, severity: 'error' },
  found: `the domain and listen path, or the api_id, of ${other}`,
  expected: 'others; the first file by name counts',
});

interface File {
  readonly path: string;
  readonly api: Api | undefined;
  readonly isInactive: boolean;
  readonly problems: readonly PlacedProblem[];
}

async function filesIn(
  folder: string,
  defaults: DefinitionDefaults & { readonly hasSessions: boolean },
  problems: PlacedProblem[],
  before: Loaded | undefined,
): Promise<readonly File[]> {
  if (folder === '') return [];
  try {
    return await readDefinitionFiles(folder, defaults);
  } catch (error) {
    problems.push(unreadable(folder, error));
    return [...(before?.byFile ?? [])].map(([path, api]) => ({
      ...{ path, api, isInactive: false, problems: [] },
    }));
  }
}

async function loadPolicies(
  file: string,
  problems: PlacedProblem[],
  before: Loaded | undefined,
): Promise<Policies> {
  if (file === '') return new Map();
  const earlier: Policies = before?.policies ?? new Map();
  try {
    const { documents, problems: slips } = readStructured(await readFile(file, 'utf8'), {
      path: file,
    });
    problems.push(...slips);
    const [document] = documents;
    if (document === undefined) return earlier;
    const read = readPolicies(document, file);
    problems.push(...read.problems);
    // A policy that is refused now stays what it was, as a definition does. One that is gone is gone.
    const kept = [...earlier].filter(([id]) => read.refused.includes(id));
    return new Map([...read.policies, ...kept]);
  } catch (error) {
    problems.push(unreadable(file, error));
    return earlier;
  }
}

const unreadable = (file: string, error: unknown): PlacedProblem => ({
  ...{ source: file, key: '(file)', at: undefined, severity: 'error', found: explain(error) },
  expected: 'a file that can be read',
});

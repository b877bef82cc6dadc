import { askEngine, type Engine, isFrom } from './engine.ts';
import {
  type Part,
  partsOf,
  patternsOf,
  priority,
  type TemplateOptions,
} from './index-template.ts';
import { hasLifecycle, type LifecycleOptions, policyOf } from './lifecycle.ts';
import type { Mark } from './mark.ts';
import { otherTemplates } from './other-templates.ts';
import { type Ask, memberOf, refusal, type Said, ServerTrouble } from './server.ts';

export interface InstallOptions extends Omit<TemplateOptions, 'policy' | 'hasTextTypes'> {
  readonly lifecycle: Omit<LifecycleOptions, 'naming' | 'patterns'>;
  /** False: somebody else cares for the life of the indices. */
  readonly hasPolicy: boolean;
  /** What is ours and differs is replaced. */
  readonly overwrite: boolean;
  /** What is not ours is replaced, and templates of others lose their indices to ours. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** `foreign`: there is one of this name that is not ours. */
type State = 'missing' | 'same' | 'differs' | 'foreign';

export interface Step {
  readonly kind: Part['kind'] | 'lifecycle policy' | 'state policy' | 'index';
  readonly name: string;
  readonly state: State;
  readonly path: string;
  readonly body: object;
}

export interface Installation {
  readonly engine: Engine;
  readonly steps: readonly Step[];
  /** Why nothing was done; empty: all was, or would be. */
  readonly problems: readonly string[];
  /** What one might not think. */
  readonly notes: readonly string[];
  readonly isDone: boolean;
}

/**
 * Puts the templates and the policy into a cluster. All is looked at before anything is written, so that a refusal leaves the
 * cluster as it was; indices that are there are never touched.
 */
export async function installTemplate(
  ask: Ask,
  at: string,
  options: InstallOptions,
): Promise<Installation> {
  const engine = await askEngine(ask, at);
  if (!isFrom(engine, { elasticsearch: [7, 9], opensearch: [1, 0] }))
    throw new ServerTrouble(
      `${at} is version ${engine.major}.${engine.minor}; these templates need Elasticsearch 7.9 or OpenSearch (before that, \`index_template\` of the pump makes one)`,
    );
  const looked = await look(ask, at, { engine, options, hasTextTypes: true });
  const told = { engine, steps: looked.steps, problems: looked.problems, notes: looked.notes };
  if (looked.problems.length > 0 || options.dryRun) return { ...told, isDone: false };
  const steps = await putAll(ask, at, looked.steps, async () => {
    const plain = await look(ask, at, { engine, options, hasTextTypes: false });
    return plain.steps;
  });
  return { ...told, steps, isDone: true };
}

interface Looking {
  readonly engine: Engine;
  readonly options: InstallOptions;
  readonly hasTextTypes: boolean;
}

/** What would be put, what is there of it, and what speaks against it. */
async function look(
  ask: Ask,
  at: string,
  { engine, options, hasTextTypes }: Looking,
): Promise<Pick<Installation, 'steps' | 'problems' | 'notes'>> {
  const { name, naming } = options;
  const { deleteAfter } = options.lifecycle;
  const hasPolicy = options.hasPolicy && hasLifecycle({ naming, deleteAfter });
  const patterns = patternsOf(options);
  const parts = partsOf(engine, { ...options, hasTextTypes, policy: hasPolicy ? name : undefined });
  const steps: Step[] = [];
  if (hasPolicy) {
    const policy = policyOf(engine, name, { ...options.lifecycle, naming, patterns });
    const kind = engine.product === 'opensearch' ? 'state policy' : 'lifecycle policy';
    const said = await ask({ method: 'GET', path: policy.path });
    if (isUnknownPath(said))
      throw new ServerTrouble(
        `${at} has no ${kind === 'state policy' ? 'index state management' : 'index lifecycle management'} (it ${refusal(said)}); --no-policy does without`,
      );
    const found = stateOf(said, policy);
    const version = versionOf(said);
    const path = found === 'missing' ? policy.path : `${policy.path}${version}`;
    steps.push({ kind, name, state: found, path, body: policy.body });
  }
  for (const part of parts) {
    const said = await ask({ method: 'GET', path: part.path });
    const { kind, name: called, path, body } = part;
    steps.push({ kind, name: called, state: stateOf(said, part), path, body });
  }
  const first = naming === 'alias' ? await firstIndices(ask, at, options) : [];
  return {
    steps: [...steps, ...first],
    problems: [
      ...steps.flatMap((step) => problemOf(step, options)),
      ...(await rivals(ask, at, options)),
    ],
    notes: notesOf(options),
  };
}

const isUnknownPath = ({ status, json }: Said): boolean =>
  (status === 400 || status === 405) &&
  /no handler found|Incorrect HTTP method/.test(String(memberOf(json, 'error')));

interface Marked {
  readonly body: object;
  readonly readMark: (answer: unknown) => Mark | undefined;
}

function stateOf(said: Said, { body, readMark }: Marked): State {
  if (said.status === 404) return 'missing';
  if (said.status !== 200) throw new ServerTrouble(`The server ${refusal(said)}`);
  const mark = readMark(said.json);
  if (mark === undefined) return 'foreign';
  return mark.fingerprint !== undefined && JSON.stringify(body).includes(mark.fingerprint)
    ? 'same'
    : 'differs';
}

/** OpenSearch replaces a policy only for who names the one that is there. */
function versionOf({ json }: Said): string {
  const [number, term] = [memberOf(json, '_seq_no'), memberOf(json, '_primary_term')];
  return typeof number === 'number' && typeof term === 'number'
    ? `?if_seq_no=${number}&if_primary_term=${term}`
    : '';
}

function problemOf({ kind, name, state }: Step, { overwrite, force }: InstallOptions): string[] {
  if (state === 'differs' && !overwrite && !force)
    return [`The ${kind} "${name}" is there and differs: --overwrite replaces it.`];
  if (state === 'foreign' && !force)
    return [
      `The ${kind} "${name}" was not made by Sluice: choose another --name, or --force replaces it.`,
    ];
  return [];
}

/** Of several templates for an index only the one with the highest priority counts, and none of the old kind beside it. */
async function rivals(ask: Ask, at: string, options: InstallOptions): Promise<readonly string[]> {
  if (options.force) return [];
  const [composable, legacy] = [
    await ask({ method: 'GET', path: '/_index_template' }),
    await ask({ method: 'GET', path: '/_template' }),
  ];
  for (const said of [composable, legacy])
    if (said.status !== 200) throw new ServerTrouble(`${at} ${refusal(said)}`);
  const samples = patternsOf(options).flatMap((pattern) =>
    pattern.endsWith('-*')
      ? [pattern.replace(/\*$/, '2026.01.31'), pattern.replace(/\*$/, '000001')]
      : [pattern],
  );
  const others = otherTemplates(
    { composable: composable.json, legacy: legacy.json },
    { own: options.name, samples },
  );
  return others.map(({ kind, name, patterns, priority: theirs }) =>
    kind === 'index template' && theirs >= priority
      ? `The index template "${name}" (${patterns.join(', ')}) is for these indices too, with priority ${theirs}: ours would have no effect.`
      : `The ${kind} "${name}" (${patterns.join(', ')}) is for these indices too, and would not count for new ones any more: take it into "${options.name}@custom", or --force.`,
  );
}

/** Where a name shall stand for several indices, the first of them. */
async function firstIndices(
  ask: Ask,
  at: string,
  { indices }: InstallOptions,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (const alias of indices) {
    const said = await ask({ method: 'GET', path: `/_alias/${encodeURIComponent(alias)}` });
    const name = `${alias}-000001`;
    const path = `/${encodeURIComponent(name)}`;
    const body = { aliases: { [alias]: { is_write_index: true } } };
    if (said.status === 200) {
      steps.push({ kind: 'index', name, state: 'same', path, body });
      continue;
    }
    const { status } = await ask({ method: 'HEAD', path: `/${encodeURIComponent(alias)}` });
    if (status === 200)
      throw new ServerTrouble(
        `${at} has an index "${alias}", so that name cannot stand for others: nothing was changed`,
      );
    if (status !== 404) throw new ServerTrouble(`${at} answered ${status}`);
    steps.push({ kind: 'index', name, state: 'missing', path, body });
  }
  return steps;
}

function notesOf({ naming, lifecycle, hasPolicy }: InstallOptions): readonly string[] {
  if (!hasPolicy) return [];
  if (naming === 'plain')
    return [
      'An index that keeps its name cannot be rolled over, and deleting it by age would delete what is being written: there is no policy. `rolling_index` or `data_stream` of the pump, or --naming=alias, makes one possible.',
    ];
  if (naming === 'daily' && lifecycle.deleteAfter === 0)
    return ['Nothing is ever deleted: --delete-after says after how many days.'];
  return [];
}

/** Puts what is missing or differs. `withoutTextTypes`: the steps for a server that lacks some types. */
async function putAll(
  ask: Ask,
  at: string,
  wanted: readonly Step[],
  withoutTextTypes: () => Promise<readonly Step[]>,
): Promise<readonly Step[]> {
  for (const { state, path, body, kind, name } of wanted) {
    if (state === 'same') continue;
    // Somebody may have been faster since we looked.
    const isNew = state === 'missing' && kind.endsWith('template');
    const to = isNew ? `${path}?create=true` : path;
    const said = await ask({ method: 'PUT', path: to, json: body });
    if (said.status < 300) continue;
    const words = refusal(said);
    // A distribution without them; all that was put so far is put again, as what it is.
    if (
      /No handler for type|match_only_text/.test(words) &&
      JSON.stringify(body).includes('match_only_text')
    )
      return putAll(ask, at, await withoutTextTypes(), () => Promise.resolve([]));
    throw new ServerTrouble(`The ${kind} "${name}" could not be put: ${at} ${words}`);
  }
  return wanted;
}

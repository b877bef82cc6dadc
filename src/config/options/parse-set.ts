import { mergeJson } from '../json-merge.ts';
import { readJson } from '../json-text.ts';
import type { Note, Problem } from '../problem.ts';
import { applyLayers, type Said, type Setting } from '../schema.ts';
import { assemble, isMentioned } from './assemble.ts';
import { defaultText } from './default-text.ts';
import {
  type Environment,
  type Layer,
  readEnvironment,
  saysNothing,
  variableOf,
} from './environment.ts';
import { typeName } from './json.ts';
import { type Leaf, leavesOf } from './leaves.ts';
import { join, match } from './match.ts';
import type { OptionSet, OptionsOf, Reading } from './option.ts';
import type { OptionValue, SaidBy } from './option-value.ts';
import {
  type Place,
  type Remarks,
  sayWhiteSpace,
  sayWithoutEffect,
  takenForNumbers,
} from './remarks.ts';
import { secretsIn } from './secrets.ts';
import { findUnresolved } from './unresolved.ts';

export interface SetSource {
  /** The JSON object as written; null or undefined count as `{}`. */
  readonly raw: unknown;
  /** For problems: the file's path, and where `raw` stands in it (empty: the top). */
  readonly source: string;
  readonly at: string;
  readonly env: Environment;
  readonly layers: readonly Layer[];
  readonly unresolved: ReadonlyMap<string, string>;
  /** Names in `raw` that someone else reads. */
  readonly allowed: readonly string[];
  /** There is no file, or it does not have this object: what nobody said is missed in the environment. */
  readonly isFileless?: boolean;
}

export interface ParsedSet<S extends OptionSet> {
  readonly problems: readonly Problem[];
  readonly notes: readonly Note[];
  /** Undefined when a problem is an error. */
  readonly value: OptionsOf<S> | undefined;
  /** Who set a leaf, by key: `file`, or the variable's name. Absent: nobody. */
  readonly saidBy: ReadonlyMap<string, string>;
  /** Every option that could be read, with its value; those of an optional group only where somebody mentions it. */
  readonly values: readonly OptionValue[];
  /** Texts that must be masked wherever they turn up. */
  readonly secrets: readonly string[];
  /** Every variable that would have been read. */
  readonly variables: ReadonlySet<string>;
  /** Where to look for an option, said or not: its variable or its place in the file. Also for what is inside one: `tags[1]`. */
  readonly placeOf: (key: string) => Place;
}

/**
 * The file, the environment over it, defaults below: one set of options, with every problem. Pure. What was given and
 * cannot be read is an error wherever it stands, also where something else wins over it.
 */
export function parseSet<S extends OptionSet>(options: S, from: SetSource): ParsedSet<S> {
  const leaves = leavesOf(options);
  const matched = match(options, from);
  const environment = readEnvironment(leaves, { ...from, read: readText });
  const outcome: Gathered = {
    problems: [...matched.problems, ...environment.problems],
    notes: [...environment.notes],
    values: new Map(),
  };
  const file = withoutEmpty(leaves, matched.said, from, outcome);
  const saidBy = new Map([
    ...[...file.keys()].map((key) => [key, 'file'] as const),
    ...[...environment.said].map(([key, { name }]) => [key, name] as const),
  ]);
  const placeOf = placesOf(leaves, saidBy, from);
  const isWanted = (leaf: Leaf): boolean =>
    leaf.optionalGroups.every((group) => isMentioned(group, saidBy)) &&
    !environment.unread.has(leaf.key);
  const wanted = leaves.filter(isWanted);
  const settings = wanted.map((leaf) => settingOf(leaf, placeOf(leaf.key), from, outcome));
  for (const leaf of leaves)
    if (environment.said.has(leaf.key) || environment.unread.has(leaf.key))
      readOverridden(leaf, file.get(leaf.key), from, outcome);
  applyLayers(settings, {
    file: new Map([...file].filter(([key]) => !environment.unread.has(key))),
    env: new Map([...environment.said.values()].map(({ name, text }) => [name, text])),
  });
  const { problems, notes, values } = outcome;
  const isBroken = problems.some((problem) => problem.severity === 'error');
  return {
    problems,
    notes,
    // Every leaf was read by its own option, which is what OptionsOf says.
    value: isBroken ? undefined : (assemble(options, '', values, saidBy) as OptionsOf<S>),
    saidBy,
    values: wanted
      // What nobody says and nobody has to is undefined; what was said and cannot be read is left out.
      .filter(({ key, option }) => values.has(key) || (!saidBy.has(key) && !option.isRequired))
      .map(({ key, option }) => ({
        key: join(from.at, key),
        option,
        value: values.get(key),
        by: sayerOf(saidBy.get(key), matched.spelt.get(key)),
      })),
    secrets: secretsIn(leaves, values),
    variables: environment.names,
    placeOf,
  };
}

function placesOf(
  leaves: readonly Leaf[],
  saidBy: ReadonlyMap<string, string>,
  from: SetSource,
): (key: string) => Place {
  return (key) => {
    const [option = '', inside = ''] = /^([^[]*)(.*)$/.exec(key)?.slice(1) ?? [];
    const by = saidBy.get(option) ?? (from.isFileless === true ? unsaid(option) : 'file');
    return by === undefined || by === 'file'
      ? { source: from.source, key: join(from.at, key) }
      : { source: 'environment', key: by + inside };
  };

  /** The variable of an option, or of a group: what its members' begin with. */
  function unsaid(option: string): string | undefined {
    const leaf = leaves.find(({ key }) => key === option);
    if (leaf !== undefined) return firstVariable(leaf, from.layers);
    const member = leaves.find(({ key }) => key.startsWith(`${option}.`));
    const name = member && firstVariable(member, from.layers);
    return name?.replace(/_[^_]*$/, '_…');
  }
}

function sayerOf(by: string | undefined, spelt: string | undefined): SaidBy {
  if (by === undefined) return { kind: 'nobody' };
  return by === 'file' ? { kind: 'file', key: spelt ?? '' } : { kind: 'variable', name: by };
}

interface Gathered extends Remarks {
  /** By leaf key. */
  readonly values: Map<string, unknown>;
}

/** What the file says without the empty texts of options that cannot be one: they say nothing. */
function withoutEmpty(
  leaves: readonly Leaf[],
  said: ReadonlyMap<string, unknown>,
  from: SetSource,
  out: Gathered,
): ReadonlyMap<string, unknown> {
  const rest = new Map(said);
  for (const { key, option } of leaves) {
    if (said.get(key) !== '' || option.read('').ok) continue;
    rest.delete(key);
    out.notes.push({ source: from.source, key: join(from.at, key), text: saysNothing });
  }
  return rest;
}

/** What a variable replaces must be readable as well. Not so a reference: it is only followed where its value counts. */
function readOverridden(leaf: Leaf, raw: unknown, from: SetSource, out: Gathered): void {
  if (raw === undefined || findUnresolved(raw) !== undefined) return;
  const at = { source: from.source, key: join(from.at, leaf.key) };
  out.problems.push(...read(leaf, { by: 'file', raw }, at).problems);
}

/** A leaf as a setting of the schema. */
function settingOf(leaf: Leaf, at: Place, from: SetSource, out: Gathered): Setting {
  const { option, key } = leaf;
  return {
    name: key,
    doc: option.doc,
    default: option.isRequired ? null : (defaultText(option) ?? null),
    isRequired: option.isRequired,
    isSensitive: option.isSecret,
    env: at.source === 'environment' ? at.key : firstVariable(leaf, from.layers),
    check(said) {
      const { isGood, value, problems, notes = [] } = read(leaf, said, at);
      out.problems.push(...problems);
      out.notes.push(...notes);
      if (!isGood) return false;
      out.values.set(key, value);
      if (said.by !== 'nobody') {
        sayWithoutEffect(leaf, value, at, out);
        sayWhiteSpace(value, at, out);
      }
      return true;
    },
  };
}

const firstVariable = (leaf: Leaf, [first]: readonly Layer[]): string | undefined =>
  first === undefined ? undefined : variableOf(leaf, first);

interface Outcome {
  readonly isGood: boolean;
  readonly value?: unknown;
  readonly problems: readonly Problem[];
  readonly notes?: readonly Note[];
}

function read(leaf: Leaf, said: Said, at: Place): Outcome {
  const { option } = leaf;
  const wrong = (found: unknown, expected: string): Outcome => ({
    isGood: false,
    problems: [{ ...at, found: typeName(found), expected, severity: 'error' }],
  });
  if (said.by === 'nobody') {
    if (option.isRequired) return wrong(undefined, option.expected);
    const fallback = option.kind === 'rows' && option.isOptional !== true ? [] : option.fallback;
    return { isGood: true, value: fallback, problems: [] };
  }
  if (said.by === 'file') {
    const reason = findUnresolved(said.raw);
    if (reason !== undefined) return wrong('text', reason);
    if (option.kind === 'rows') return readRows(leaf, said.raw, at);
    const reading = option.read(said.raw);
    if (!reading.ok) return wrong(said.raw, reading.expected);
    const { value } = reading;
    return { isGood: true, value, problems: [], notes: takenForNumbers(leaf, said.raw, value, at) };
  }
  const reading = readText(leaf, said.text);
  if (!reading.ok) return wrong(said.text, reading.expected);
  if (option.kind === 'rows') return readRows(leaf, reading.value, at);
  return { isGood: true, value: reading.value, problems: [] };
}

/** The rows of a list of objects: each is a set of its own, so each receives the defaults. */
function readRows({ option }: Leaf, raw: unknown, at: Place): Outcome {
  if (!Array.isArray(raw)) {
    const found = typeName(raw);
    return {
      isGood: false,
      problems: [{ ...at, found, expected: option.expected, severity: 'error' }],
    };
  }
  const rows = raw.map((row: unknown, index) =>
    parseSet(option.members ?? {}, {
      raw: row,
      source: at.source,
      at: `${at.key}[${index}]`,
      env: {},
      layers: [],
      unresolved: new Map(),
      allowed: [],
    }),
  );
  return {
    isGood: rows.every((row) => row.value !== undefined),
    value: rows.map((row) => row.value),
    problems: rows.flatMap((row) => row.problems),
    notes: rows.flatMap((row) => row.notes),
  };
}

/** A variable's text. Rows are JSON there, and arrive unread. */
function readText({ option }: Leaf, text: string): Reading<unknown> {
  if (option.kind !== 'rows')
    return option.readText?.(text) ?? { ok: false, expected: 'no variable; set it in the file' };
  const reading = readJson(text);
  if (reading.ok) return { ok: true, value: mergeJson(reading.node).value };
  const { line, column, found, expected } = reading.problem;
  const where = `line ${line}, column ${column}`;
  return {
    ok: false,
    expected: `${option.expected} as JSON (${where}: found ${found}, expected ${expected})`,
  };
}

import { readGoList, readGoMap } from '../../config/options/go-values.ts';
import { type Leaf, leavesOf } from '../../config/options/leaves.ts';
import type { OptionSet } from '../../config/options/option.ts';
import type { Problem } from '../../config/problem.ts';
import { readStructured } from '../../config/structured/read.ts';
import { nearest } from '../../lib/nearest.ts';

/** What flags say, as a file would say it. */
export interface ReadFlags {
  readonly raw: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  /** `--help` or `-h` is among them. */
  readonly wantsHelp: boolean;
}

/** Where flags come from, in problems. */
export const flagsSource = 'flags';

/** `tls.cert_file` → `--tls.cert-file`: what an option is called on the command line. */
export const flagOf = (key: string): string => `--${key.replaceAll('_', '-')}`;

/**
 * Reads `--name value`, `--name=value`, and `--name` alone for a flag (`--no-name` is its contrary). The names are those of
 * the options with `-` for `_`, members of groups behind a dot. Lists are comma-split, and a flag that stands twice adds to
 * one. Maps are `key:value,key:value`, objects and lists of objects JSON. A word without a flag is an element of the list `words`, commas
 * and all; behind `--` everything is.
 */
export function readFlags(options: OptionSet, argv: readonly string[], words?: string): ReadFlags {
  const leaves = new Map(leavesOf(options).map((leaf) => [flagOf(leaf.key), leaf]));
  const problems: Problem[] = [];
  const said = new Map<string, unknown>();
  let wantsHelp = false;
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--help' || word === '-h') {
      wantsHelp = true;
      continue;
    }
    if (words !== undefined && (word === '--' || !word.startsWith('-'))) {
      const added = word === '--' ? rest.splice(0) : [word];
      said.set(words, [...listIn(said.get(words)), ...added]);
      continue;
    }
    const [name = '', ...tail] = word.split('=');
    const leaf = leaves.get(name);
    const negated = leaves.get(name.replace(/^--no-/, '--'));
    if (leaf === undefined && negated?.option.kind === 'flag' && tail.length === 0) {
      said.set(negated.key, false);
      continue;
    }
    if (leaf === undefined) {
      problems.push(unknown(name, leaves.keys()));
      continue;
    }
    const isAlone = tail.length === 0;
    if (isAlone && leaf.option.kind === 'flag' && !/^(?:true|false)$/.test(rest[0] ?? '')) {
      said.set(leaf.key, true);
      continue;
    }
    const text = isAlone ? rest.shift() : tail.join('=');
    if (text === undefined) {
      const { expected } = leaf.option;
      problems.push({
        source: flagsSource,
        key: name,
        found: 'nothing',
        expected,
        severity: 'error',
      });
      continue;
    }
    said.set(leaf.key, valueOf(leaf, text, said.get(leaf.key)));
  }
  return { raw: nested(said), problems, wantsHelp };
}

/** What the text stands for in a file. What it cannot stand for stays the text, and the option refuses it. */
function valueOf({ option }: Leaf, text: string, before: unknown): unknown {
  if (option.kind === 'list') return [...listIn(before), ...readGoList(text)];
  if (option.kind === 'map') {
    const reading = readGoMap(text);
    return reading.ok ? reading.value : text;
  }
  const isNumber = option.kind === 'integer' || option.kind === 'number';
  if (isNumber && /^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  if (option.kind === 'flag' && /^(?:true|false)$/.test(text)) return text === 'true';
  if (option.kind === 'rows') {
    const [document] = readStructured(text, { path: flagsSource, format: 'json' }).documents;
    return document === undefined ? text : document.value;
  }
  return text;
}

const listIn = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : [];

function nested(said: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of said) {
    const names = key.split('.');
    const last = names.pop() ?? '';
    let table = root;
    for (const name of names) {
      table[name] ??= {};
      table = table[name] as Record<string, unknown>;
    }
    table[last] = value;
  }
  return root;
}

function unknown(name: string, known: Iterable<string>): Problem {
  const guess = nearest(name, known);
  const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
  const found = name.startsWith('-') ? 'an unknown flag' : 'a word without a flag';
  const expected = `a known flag${hint}`;
  // What stands there may be a password without its flag.
  const key = name.startsWith('--') ? name : '(command line)';
  return { source: flagsSource, key, found, expected, severity: 'error' };
}

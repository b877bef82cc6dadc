import type { Flag, Flags, FlagValues } from './flags.ts';
import { hint, meant } from './meant.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** What a command line says, or what is wrong with it. */
export type ParsedFlags<F extends Flags> =
  | { readonly values: FlagValues<F>; readonly operands: readonly string[] }
  | { readonly problem: string };

/**
 * Reads `--name=value`, `--name value`, `--name`, `--no-name`, `-n value`, `-nvalue`. As in the reference a value
 * after a space never starts with a dash, and a flag stands once.
 */
export function parseFlags<F extends Flags>(
  flags: F,
  argv: readonly string[],
  env: Variables,
): ParsedFlags<F> {
  const given = new Map<string, string[]>();
  const operands: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      operands.push(...rest.splice(0));
    } else if (word === '-' || !word.startsWith('-')) {
      operands.push(word);
    } else {
      const found = word.startsWith('--') ? findLong(flags, word) : findShort(flags, word);
      if ('problem' in found) return found;
      const value = found.value ?? rest.shift();
      if (value === undefined || (found.value === undefined && /^-./.test(value)))
        return { problem: `expected argument for flag '${found.written}'` };
      given.set(found.name, [...(given.get(found.name) ?? []), value]);
    }
  }
  return readValues(flags, withVariables(flags, given, env), operands);
}

interface Found {
  readonly name: string;
  /** As the operator wrote it. */
  readonly written: string;
  /** Undefined: the next word is the value. */
  readonly value: string | undefined;
}

type Search = Found | { readonly problem: string };

function findLong(flags: Flags, word: string): Search {
  const [, written = '', name = '', , value] = /^(--([^=]*))(=(.*))?$/s.exec(word) ?? [];
  const known = own(flags, name);
  if (known !== undefined)
    return {
      name,
      written,
      value: value ?? (known.placeholder === undefined ? 'true' : undefined),
    };
  const positive = name.replace(/^no-/, '');
  if (positive !== name && value === undefined && own(flags, positive)?.placeholder === undefined)
    if (own(flags, positive) !== undefined) return { name: positive, written, value: 'false' };
  const flag = meant(name, Object.keys(flags));
  return { problem: `unknown long flag '${written}'${hint(flag && `--${flag}`)}` };
}

function findShort(flags: Flags, word: string): Search {
  const written = word.slice(0, 2);
  const found = Object.entries(flags).find(([, { short }]) => `-${short ?? ''}` === written);
  const after = word.slice(2).replace(/^=/, '');
  if (found === undefined) return { problem: `unknown short flag '${written}'` };
  const [name, { placeholder }] = found;
  if (placeholder !== undefined) return { name, written, value: after === '' ? undefined : after };
  return after === ''
    ? { name, written, value: 'true' }
    : { problem: `unexpected '${after}' after '${written}'` };
}

const own = (flags: Flags, name: string): Flag<unknown> | undefined =>
  Object.hasOwn(flags, name) ? flags[name] : undefined;

/** What the line leaves open a variable may say; one that is empty says nothing. */
function withVariables(
  flags: Flags,
  given: ReadonlyMap<string, readonly string[]>,
  env: Variables,
): ReadonlyMap<string, readonly string[]> {
  const all = new Map(given);
  for (const [name, { variable }] of Object.entries(flags)) {
    const value = variable === undefined ? undefined : env[variable];
    if (value !== undefined && value !== '' && !all.has(name)) all.set(name, [value]);
  }
  return all;
}

function readValues<F extends Flags>(
  flags: F,
  given: ReadonlyMap<string, readonly string[]>,
  operands: readonly string[],
): ParsedFlags<F> {
  const values: Record<string, unknown> = {};
  for (const [name, { initial, isRepeatable, read, expected }] of Object.entries(flags)) {
    const texts = given.get(name);
    if (texts !== undefined && texts.length > 1 && !isRepeatable)
      return { problem: `flag '--${name}' cannot be repeated` };
    const value = texts === undefined ? initial : read(texts);
    if (value === undefined) return { problem: `flag '--${name}' expects ${expected}` };
    values[name] = value;
  }
  // Every name of F was given a value by its own flag.
  return { values: values as FlagValues<F>, operands };
}

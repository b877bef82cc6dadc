/** Every option there is, of the service and of the pumps, found by whatever an operator calls it. */
import { variableOf } from '../../config/options/environment.ts';
import { leavesOf } from '../../config/options/leaves.ts';
import type { Option, OptionSet } from '../../config/options/option.ts';
import { ownOptions } from '../../config/own-options.ts';
import { entryOptions, globalOptions } from '../../config/service-options.ts';
import { globalLayers } from '../../config/tyk/storage-layers.ts';
import { uptimeKey, uptimePrefix } from '../../config/tyk/uptime.ts';
import type { Pump } from '../../pump/define-pump.ts';

/** One option. */
export interface Word {
  /** As the file has it, with `<NAME>` for the name of a pump: `pumps.<NAME>.meta.index_name`. */
  readonly key: string;
  /** Of an option in the `meta` of a pump: the type of that. */
  readonly type: string | undefined;
  readonly option: Option<unknown>;
  /** The first of its variables; undefined: none. With `<NAME>` for that of a pump. */
  readonly variable: string | undefined;
  /** Also read, and winning over the first. */
  readonly otherVariables: readonly string[];
}

const anyPump = '<NAME>';

/** In the order of the documentation. */
export function dictionary(pumps: readonly Pump[]): readonly Word[] {
  const globals = new Map(leavesOf(globalOptions).map((leaf) => [leaf.key, leaf] as const));
  return [
    ...wordsOf(globalOptions, { at: '', prefix: 'TYK_PMP' }).map((word) => {
      const leaf = globals.get(word.key);
      const names = leaf === undefined ? [] : globalLayers.map((each) => variableOf(leaf, each));
      return {
        ...word,
        otherVariables: names.slice(1).filter((name) => name !== undefined),
      };
    }),
    ...wordsOf(ownOptions, { at: 'sluice', prefix: 'TYK_PMP_SLUICE' }),
    ...wordsOf(entryOptions, { at: `pumps.${anyPump}`, prefix: `TYK_PMP_PUMPS_${anyPump}` }),
    ...pumps.flatMap(({ options, type, records, envPrefix }) =>
      records === 'analytics'
        ? wordsOf(options, {
            at: `pumps.${anyPump}.meta`,
            type,
            prefix: envPrefix === '' ? `TYK_PMP_PUMPS_${anyPump}_META` : envPrefix,
          })
        : wordsOf(options, { at: uptimeKey, type, prefix: uptimePrefix }),
    ),
  ];
}

interface Root {
  readonly at: string;
  readonly type?: string;
  readonly prefix: string;
}

/** Groups as well as what is in them, and in the rows of lists. */
function wordsOf(options: OptionSet, { at, type, prefix }: Root): readonly Word[] {
  const suffixes = new Map(leavesOf(options).map(({ key, suffix }) => [key, suffix] as const));
  const walk = (set: OptionSet, path: string, inSet: string): readonly Word[] =>
    Object.entries(set).flatMap(([name, option]) => {
      const key = path === '' ? name : `${path}.${name}`;
      const within = inSet === '' ? name : `${inSet}.${name}`;
      const suffix = suffixes.get(within);
      const word: Word = {
        key,
        type,
        option,
        variable: suffix === undefined ? undefined : `${prefix}_${suffix}`,
        otherVariables: [],
      };
      if (option.members === undefined) return [word];
      const below = option.kind === 'rows' ? '[]' : '';
      return [word, ...walk(option.members, key + below, within + below)];
    });
  return walk(options, at, '');
}

/** What a key may be called: all of it or its end, in any letter case, with or without `_` and `-`, by an alias. */
export function findKey(
  words: readonly Word[],
  said: string,
  typeOf: (pump: string) => string | undefined,
): readonly Word[] {
  const given = said.split('.').map(bare);
  const found = words.filter((word) => isCalled(word, given, typeOf));
  // All of a key is no end of another.
  const whole = found.filter(({ key }) => key.split('.').length === given.length);
  return whole.length > 0 && given.length > 1 ? whole : found;
}

function isCalled(
  { key, type, option }: Word,
  given: readonly string[],
  typeOf: (pump: string) => string | undefined,
): boolean {
  const segments = key.split('.');
  const last = segments.length - 1;
  const matches = (from: readonly string[]): boolean =>
    given.length <= from.length &&
    given.every((segment, index) => {
      const at = from.length - given.length + index;
      const known = from[at] ?? '';
      if (known === anyPump) return isPump(segment);
      if (bare(known) === segment) return true;
      return at === from.length - 1 && option.aliases.some((alias) => bare(alias) === segment);
    });
  // A configured name has a type, and a type may stand for the name of a pump.
  const isPump = (segment: string): boolean =>
    type === undefined || bare(typeOf(segment) ?? segment) === bare(type);
  const short =
    type === undefined ? [] : [[type, ...segments.slice(segments[0] === 'pumps' ? 3 : 1)]];
  return [segments.slice(0, last + 1), ...short].some(matches);
}

/** The words whose variable this is. */
export function findVariable(
  words: readonly Word[],
  said: string,
  typeOf: (pump: string) => string | undefined,
): readonly Word[] {
  const name = said.toUpperCase();
  const own = /^TYK_PMP_PUMPS_([^_]+)_(.+)$/.exec(name);
  const found = words.filter((word) => {
    if ([word.variable, ...word.otherVariables].includes(name)) return true;
    if (own === null || word.variable === undefined || !word.key.startsWith('pumps.')) return false;
    const [, pump = '', rest = ''] = own;
    const suffix = /^TYK_PMP_PUMPS_[^_]+_(.+)$/.exec(word.variable)?.[1];
    if (suffix !== rest) return false;
    const type = typeOf(bare(pump));
    return word.type === undefined || type === undefined || bare(type) === bare(word.type);
  });
  // The built-in variables of a type are those of no other.
  const exact = found.filter(({ variable }) => variable === name);
  return exact.length > 0 ? exact : found;
}

export const bare = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\[\d*\]$/, '')
    .replaceAll(/[-_]/g, '');

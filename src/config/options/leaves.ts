import type { Option, OptionSet } from './option.ts';

/** An option that holds a value itself: what is left when the groups of a set are opened. */
export interface Leaf {
  /** JSON names from the set's root, joined with a dot. */
  readonly key: string;
  readonly option: Option<unknown>;
  /** What follows a layer's prefix in the variable's name; undefined: no variable. */
  readonly suffix: string | undefined;
  /** Keys of the optional groups it stands in: it is read only when each of them is mentioned. */
  readonly optionalGroups: readonly string[];
}

/** The leaves of a set in the order of their declaration, which is also the order of reading variables. */
export function leavesOf(options: OptionSet, parent: Omit<Leaf, 'option'> = root): readonly Leaf[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const key = parent.key === '' ? name : `${parent.key}.${name}`;
    const leaf = { key, option, suffix: suffixOf(name, option, parent.suffix) };
    const { optionalGroups } = parent;
    if (option.kind !== 'group' || option.members === undefined)
      return [{ ...leaf, optionalGroups }];
    return leavesOf(option.members, {
      ...leaf,
      optionalGroups: option.isOptional === true ? [...optionalGroups, key] : optionalGroups,
    });
  });
}

const root: Omit<Leaf, 'option'> = { key: '', suffix: '', optionalGroups: [] };

/** Go joins upper-cased field names with an underscore, splits no words, and an embedded struct adds nothing. */
function suffixOf(
  name: string,
  option: Option<unknown>,
  parent: string | undefined,
): string | undefined {
  if (option.env === false || parent === undefined) return undefined;
  const own = option.env ?? defaultSuffix(name);
  return parent === '' || own === '' ? parent + own : `${parent}_${own}`;
}

/** `log_field_name` → `LOGFIELDNAME`. */
function defaultSuffix(name: string): string {
  return name.replaceAll('_', '').toUpperCase();
}

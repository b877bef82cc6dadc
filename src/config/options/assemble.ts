import type { OptionSet } from './option.ts';

/** Whether anyone said anything inside a group. */
export const isMentioned = (group: string, saidBy: ReadonlyMap<string, string>): boolean =>
  [...saidBy.keys()].some((key) => key.startsWith(`${group}.`));

/** Puts the leaves back into the groups of their declaration. */
export function assemble(
  options: OptionSet,
  prefix: string,
  values: ReadonlyMap<string, unknown>,
  saidBy: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const entries = Object.entries(options).map(([name, option]): [string, unknown] => {
    const key = prefix + name;
    if (option.kind !== 'group' || option.members === undefined) return [name, values.get(key)];
    const isAbsent = option.isOptional === true && !isMentioned(key, saidBy);
    return [name, isAbsent ? undefined : assemble(option.members, `${key}.`, values, saidBy)];
  });
  return Object.freeze(Object.fromEntries(entries));
}

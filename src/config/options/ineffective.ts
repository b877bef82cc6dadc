import type { Option, OptionSet } from './option.ts';

/**
 * The same options, of which none is needed and none has an effect: for options that stand beside others in the files of
 * people, and mean nothing where those count. Whoever says one is told the reason.
 */
export const ineffective = (options: OptionSet, reason: string): OptionSet =>
  Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, without(option, reason)]),
  );

const without = (option: Option<unknown>, reason: string): Option<unknown> => ({
  ...option,
  isRequired: false,
  isQuiet: true,
  // Of a group it is said of what is in it.
  ...(option.members === undefined
    ? { withoutEffect: reason }
    : { members: ineffective(option.members, reason) }),
});

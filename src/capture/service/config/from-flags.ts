import type { OptionSet } from '../../../config/options/option.ts';
import type { PlacedProblem } from '../../../config/structured/document.ts';
import type { SourceKind } from '../../define/define-source.ts';
import { flagOf, flagsSource, readFlags } from '../../define/flags.ts';
import { captureOptions, entryOptions } from './options.ts';
import { storageOptions } from './storage.ts';
import type { Written } from './written.ts';

/** The word behind `capture` is the type, and `record` stands for what records are. */
const entryFlags: OptionSet = { id: entryOptions.id };

/** Everything that `sluice capture <type>` takes: what the process may be told, and what the source may be. */
export const flagsFor = ({ options }: SourceKind): OptionSet => ({
  ...options,
  ...entryFlags,
  ...captureOptions,
  ...storageOptions,
});

export interface WrittenFlags extends Written {
  readonly wantsHelp: boolean;
}

/** A configuration of one source, from flags, as a file would have it. */
export function writtenByFlags(kind: SourceKind, argv: readonly string[]): WrittenFlags {
  const { raw, problems, wantsHelp } = readFlags(flagsFor(kind), argv, kind.words);
  const inSource = new Set([...Object.keys(kind.options), ...Object.keys(entryFlags)]);
  const of = (isSource: boolean) =>
    Object.fromEntries(Object.entries(raw).filter(([name]) => inSource.has(name) === isSource));
  return {
    raw: { ...of(false), sources: [{ type: kind.type, ...of(true) }] },
    source: flagsSource,
    locate: () => undefined,
    problems: problems.map((problem) => ({ ...problem, at: undefined })),
    wantsHelp,
  };
}

/** A problem of such a configuration, by the flag. */
export const byFlag = (problem: PlacedProblem): PlacedProblem =>
  problem.source !== flagsSource || /^[-(]/.test(problem.key)
    ? problem
    : { ...problem, key: flagOf(problem.key.replace(/^sources\[0\]\./, '')) };

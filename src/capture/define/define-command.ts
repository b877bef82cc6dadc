import { defaultText } from '../../config/options/default-text.ts';
import { leavesOf } from '../../config/options/leaves.ts';
import type { OptionSet } from '../../config/options/option.ts';
import { parseSet } from '../../config/options/parse-set.ts';
import { formatProblem, type Problem } from '../../config/problem.ts';
import type { CommandIo, SourceCommand } from '../source.ts';
import { flagOf, flagsSource, readFlags } from './flags.ts';

/** A command of a source whose options are sealed. */
export interface CommandKind {
  /** One word or several: `ca`, `bench proxy`. */
  readonly name: string;
  readonly summary: string;
  /** Reads the flags behind the name. Resolves to the exit code; 2: the flags are wrong, which has been printed. */
  run(argv: readonly string[], io: CommandIo): Promise<number>;
}

/** Seals a command: what comes out can be listed with all others, without casts. */
export function defineSourceCommand<S extends OptionSet>(command: SourceCommand<S>): CommandKind {
  const { name, summary, options, words } = command;
  return {
    ...{ name, summary },
    async run(argv, io) {
      const flags = readFlags(options, argv, words);
      if (flags.wantsHelp) {
        io.print(flagsHelp({ usage: name, summary, options, words }));
        return 0;
      }
      const parsed = parseSet(options, {
        ...{ raw: flags.raw, source: flagsSource, at: '', allowed: [] },
        ...{ env: {}, layers: [], unresolved: new Map() },
      });
      const problems = [...flags.problems, ...parsed.problems.map(asFlag)];
      for (const problem of problems) io.print(`${formatProblem(problem)}\n`);
      const isBroken = problems.some(({ severity }) => severity === 'error');
      return isBroken || parsed.value === undefined ? 2 : command.run(parsed.value, io);
    },
  };
}

/** A problem of an option as one of its flag. */
const asFlag = (problem: Problem): Problem =>
  problem.source === flagsSource ? { ...problem, key: flagOf(problem.key) } : problem;

/** What `--help` prints. */
export function flagsHelp(of: {
  readonly usage: string;
  readonly summary: string;
  readonly options: OptionSet;
  /** What words without a flag stand for. */
  readonly words?: string | undefined;
}): string {
  const lines = leavesOf(of.options).map(({ key, option }) => {
    const fallback = option.isRequired ? 'required' : (defaultText(option) ?? '');
    const said = fallback === '' ? '' : ` (${option.isRequired ? '' : 'default '}${fallback})`;
    return `  ${flagOf(key)}\n      ${option.doc}${said}`;
  });
  const words = of.words === undefined ? '' : `[<${of.words}>…] `;
  return `usage: sluice capture ${of.usage} ${words}[<flags>]\n\n${of.summary}\n\nFlags:\n${lines.join('\n')}\n`;
}

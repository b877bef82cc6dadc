import { table } from '../table.ts';
import { type CommandName, commands } from './commands.ts';
import type { Flags } from './flags.ts';

/** What `--help` prints for a command; for `run`, of all of them. */
export function help(of: CommandName): string {
  const { flags, usage, doc } = commands[of];
  const lines = [`usage: sluice${usage} [<flags>]`, '', doc, '', 'Flags:', ...flagLines(flags)];
  if (of === 'run') lines.push('', 'Commands:', ...commandLines());
  return `${lines.join('\n')}\n`;
}

const flagLines = (flags: Flags): readonly string[] =>
  table(
    Object.entries(flags).map(([name, { short, placeholder, doc }]) => [
      `  ${short === undefined ? '   ' : `-${short},`}`,
      placeholder === undefined ? `--${name}` : `--${name}=${placeholder}`,
      doc,
    ]),
  );

const commandLines = (): readonly string[] =>
  table(
    Object.values(commands)
      .filter(({ usage }) => usage !== '')
      .map(({ usage, doc }) => [`  sluice${usage}`, doc]),
  );

/** A terminal without a person: tmux, with a server of its own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needProgram } from './debian.ts';
import { scratchFolder, until } from './process.ts';

const run = promisify(execFile);

/** The path of the program. Throws `Unavailable` where it cannot be had. */
export const needTmux = (): Promise<string> => needProgram('tmux', ['tmux']);

/** What a program has changed of a terminal and must change back. */
interface TerminalModes {
  /** The program has a screen of its own. */
  readonly isAlternate: boolean;
  readonly isCursorShown: boolean;
}

export interface TestTerminal {
  /**
   * A command at the shell: it is typed once the prompt is there, and run once what was typed is on the screen. A key that comes
   * earlier may be eaten by the program that still ends, and an answer that is looked for earlier may be of the last command.
   */
  command(line: string): Promise<void>;
  /** Until the shell waits for a command. */
  atPrompt(): Promise<void>;
  modes(): Promise<TerminalModes>;
  /** Keys by the names of tmux: `q`, `Enter`, `C-z`. */
  press(...keys: readonly string[]): Promise<void>;
  /** What is on the screen, line by line. */
  screen(): Promise<readonly string[]>;
  /** The same with the escape sequences that colour it. */
  coloured(): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  stop(): Promise<void>;
}

/** A shell in a terminal of 80 by 24. */
export async function startTerminal(env: Readonly<Record<string, string>>): Promise<TestTerminal> {
  const program = await needTmux();
  const dir = await scratchFolder('tmux');
  const tmux = async (...args: readonly string[]): Promise<string> => {
    // A name longer than a socket's path may be would not do.
    const { stdout } = await run(program, ['-S', `${dir}/t`, '-f', '/dev/null', ...args], {
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...env },
    });
    return stdout;
  };
  await tmux('new-session', '-d', '-s', 'test', '-x', '80', '-y', '24', 'PS1="$ " exec sh -i');
  const press = async (...keys: readonly string[]): Promise<void> => {
    await tmux('send-keys', '-t', 'test', ...keys);
  };
  const screen = async () => (await tmux('capture-pane', '-p', '-t', 'test')).split('\n');
  const isAtPrompt = async (): Promise<boolean> =>
    (await screen()).findLast((line) => line.trim() !== '')?.trimEnd() === '$';
  const shown = async () => `the screen is\n${(await screen()).join('\n')}`;
  const atPrompt = () => until('the shell is at its prompt', isAtPrompt, 20_000, shown);
  return {
    press,
    screen,
    atPrompt,
    async command(line) {
      await atPrompt();
      await tmux('send-keys', '-t', 'test', '-l', line);
      const isSeen = async (): Promise<boolean> => !(await isAtPrompt());
      await until('what is typed is seen', isSeen, 20_000, shown);
      await press('Enter');
    },
    async modes() {
      const format = '#{alternate_on}#{cursor_flag}';
      const said = (await tmux('display-message', '-p', '-t', 'test', format)).trim();
      return { isAlternate: said[0] === '1', isCursorShown: said[1] === '1' };
    },
    coloured: () => tmux('capture-pane', '-p', '-e', '-t', 'test'),
    async resize(columns, rows) {
      await tmux('resize-window', '-t', 'test', '-x', `${columns}`, '-y', `${rows}`);
    },
    async stop() {
      await tmux('kill-server').catch(() => '');
    },
  };
}

/** A terminal without a person: tmux, with a server of its own. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { needProgram } from './debian.ts';
import { scratchFolder } from './process.ts';

const run = promisify(execFile);

/** The path of the program. Throws `Unavailable` where it cannot be had. */
export const needTmux = (): Promise<string> => needProgram('tmux', ['tmux']);

export interface TestTerminal {
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
  return {
    async press(...keys) {
      await tmux('send-keys', '-t', 'test', ...keys);
    },
    screen: async () => (await tmux('capture-pane', '-p', '-t', 'test')).split('\n'),
    coloured: () => tmux('capture-pane', '-p', '-e', '-t', 'test'),
    async resize(columns, rows) {
      await tmux('resize-window', '-t', 'test', '-x', `${columns}`, '-y', `${rows}`);
    },
    async stop() {
      await tmux('kill-server').catch(() => '');
    },
  };
}

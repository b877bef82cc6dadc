/**
 * A terminal whose whole screen a command has for itself, with its keys. However the process ends, short of a SIGKILL, the terminal
 * is as it was before: what leaves it is written at once, also when an error that nobody caught ends the process.
 */
import { writeSync } from 'node:fs';

/** Alternate screen, no cursor; and back, with the styles and the wrapping of before. */
const entering = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const leaving = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

interface Heard {
  readonly onInput: (input: string) => void;
  readonly onChange: () => void;
}

export function fullScreen(
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream & { readonly fd: number },
) {
  let heard: Heard | undefined;
  /** Between Ctrl-Z and SIGCONT it is the shell's: what is written then is on its screen, and to leave twice moves its cursor. */
  let isOurs = false;
  const take = (): void => {
    isOurs = true;
    stdin.setRawMode(true);
    stdin.resume();
    stdout.write(entering);
  };
  const giveBack = (): void => {
    if (!isOurs) return;
    isOurs = false;
    try {
      writeSync(stdout.fd, leaving);
    } catch {
      // Nobody is there any more who could see it.
    }
    try {
      stdin.setRawMode(false);
    } catch {
      // The same.
    }
  };
  const suspend = (): void => {
    if (heard === undefined) return;
    giveBack();
    // Not SIGTSTP, which is ours to hear: this cannot be heard.
    process.kill(process.pid, 'SIGSTOP');
  };
  const onData = (input: Buffer): void => heard?.onInput(input.toString());
  const onResize = (): void => heard?.onChange();
  const onContinue = (): void => {
    if (heard === undefined) return;
    take();
    heard.onChange();
  };
  const onExit = (): void => {
    if (heard !== undefined) giveBack();
  };
  return {
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    write(text: string): void {
      if (isOurs) stdout.write(text);
    },
    enter(listening: Heard): void {
      heard = listening;
      process.on('exit', onExit);
      process.on('SIGTSTP', suspend);
      process.on('SIGCONT', onContinue);
      stdin.on('data', onData);
      stdout.on('resize', onResize);
      take();
    },
    leave(): void {
      if (heard === undefined) return;
      heard = undefined;
      giveBack();
      process.off('exit', onExit);
      process.off('SIGTSTP', suspend);
      process.off('SIGCONT', onContinue);
      stdin.off('data', onData);
      stdin.pause();
      stdout.off('resize', onResize);
    },
    suspend,
  };
}

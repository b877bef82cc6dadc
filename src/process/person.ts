/** Whoever sits at the terminal, if anybody does: what they are asked, how much they see, and when they stop reading. */
import { fullScreen } from './terminal.ts';

/** Undefined: nobody sits at a terminal. Rejects when the signal aborts first. */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { createInterface } = await import('node:readline/promises');
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question(question, { signal })) === 'yes';
  } finally {
    asking.close();
  }
}

/** The screen that a command may take over, and what fits on it. */
export function screen() {
  const { stdin, stdout, env } = process;
  const isScreen = stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb';
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((each) => each) ?? '';
  const said = Number(env['COLUMNS']);
  return {
    terminal: isScreen ? fullScreen(stdin, stdout) : undefined,
    isUtf8: /utf-?8/i.test(locale),
    columns: stdout.isTTY ? stdout.columns : said >= 20 ? said : 120,
  };
}

/** Aborts when whoever reads standard output has closed it. */
export function unread(): AbortSignal {
  const gone = new AbortController();
  process.stdout.once('error', () => gone.abort());
  return gone.signal;
}

import { explain } from '../lib/errors.ts';

/** What ioredis hangs on the error of a reply. */
interface Replied {
  readonly command?: { readonly name: string; readonly args: readonly unknown[] };
  readonly previousErrors?: readonly unknown[];
}

/**
 * What Redis said, with what it leaves out: the command that had made a transaction fail, and the keys that an ACL does
 * not permit. Arguments beside keys are nobody's business.
 */
export function repliedWords(error: unknown): string {
  const words = explain(error);
  if (!(error instanceof Error)) return words;
  const { command, previousErrors = [] } = error as Replied;
  // That of EXEC is a consequence.
  if (previousErrors.length > 0) return repliedWords(previousErrors[0]);
  if (command === undefined || !/^NOPERM.*\bkeys?\b/i.test(words)) return words;
  return `${words} (${[command.name, ...keysOf(command)].join(' ')})`;
}

function keysOf({ name, args }: NonNullable<Replied['command']>): readonly string[] {
  const texts = args.map((arg) => (typeof arg === 'string' ? arg : ''));
  if (name === 'eval' || name === 'evalsha') return texts.slice(2, 2 + Number(texts[1]));
  return name === 'exists' || name === 'del' || name === 'unlink' ? texts : texts.slice(0, 1);
}

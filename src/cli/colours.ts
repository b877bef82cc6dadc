/** The words with which commands begin a line, and the parameter of SGR (ECMA-48) that colours each. */
const colours = { error: 31, warning: 33, note: 36, ok: 32, 'not ok': 31 } as const;

const finding = /^((?:sluice: )?(error|warning|note|ok):)/gm;
const verdict = /^((not ok|ok)(?=[:,]|$))/gm;

/**
 * Colours how bad a line is. It is done to what is printed, last of all: what strangers wrote has no escape sequences by then,
 * and gets none but these.
 */
export const coloured = (text: string): string =>
  text.replace(finding, paint).replace(verdict, paint);

const paint = (_match: string, words: string, level: string): string =>
  `\u001b[${colours[level as keyof typeof colours]}m${words}\u001b[39m`;

/**
 * Whether a stream is to have colours: `NO_COLOR` says no, `FORCE_COLOR` yes, each if it is not empty; else a terminal has
 * them that knows what they are.
 */
export function hasColours(
  { isTTY = false }: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  const forced = env['FORCE_COLOR'] ?? '';
  if (forced !== '') return forced !== '0' && forced !== 'false';
  return isTTY && env['TERM'] !== 'dumb';
}

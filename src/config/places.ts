import { visible } from '../lib/visible.ts';
import type { Located } from './locate.ts';
import type { Note, Problem } from './problem.ts';

type Finding = Pick<Problem | Note, 'source' | 'key'>;

/** The finding with its place behind the file's name, as editors and terminals make a link of it. */
export const placed = <F extends Finding>(finding: F, at: Located | undefined): F =>
  at === undefined || isPlaced(finding)
    ? finding
    : { ...finding, source: `${finding.source}:${at.line}:${at.column}` };

/** What is no JSON says the place itself. */
const isPlaced = ({ key }: Finding): boolean => /^line \d/.test(key);

export const inFile = (at: Located | undefined): object =>
  at === undefined ? {} : { line: at.line, column: at.column };

/** Shown of a line on each side of the place. */
const most = 60;

/** The line of the file, and a sign below the place. */
export function shownLine(at: Located | undefined): readonly string[] {
  if (at === undefined) return [];
  const before = inLine(at.before);
  const after = inLine(at.after);
  const lead = before.length > most ? `…${before.slice(-most)}` : before;
  const number = String(at.line);
  return [
    `  ${number} | ${lead}${after.slice(0, most)}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(lead.length)}^`,
  ];
}

const inLine = (text: string): string => visible(text.replaceAll('\t', ' '));

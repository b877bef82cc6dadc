/**
 * Records, reasons and names come from strangers, and commands print to terminals: no character of theirs may move the
 * cursor, turn the direction of the text, or end a line that is not theirs to end.
 */

/** One line whatever is in it. Inside JSON it stays the same JSON. */
export const visible = (text: string): string => text.replace(steering, escaped);

/** Makes room for a look of `status --watch`; written by itself. */
export const clearedScreen = '\u001b[H\u001b[2J';

/** The last look at what a command prints: lines stay lines, and a progress bar of ours may redraw itself. */
export const harmless = (text: string): string =>
  redrawn.test(text) || text === clearedScreen ? text : text.replace(steeringInLines, escaped);

// Controls, formats such as those of direction, unassigned and private ones; separators of lines.
const steering = /[\p{C}\u2028\u2029]/gu;
const steeringInLines = /(?!\n)[\p{C}\u2028\u2029]/gu;
const redrawn = /^\r[^\p{C}\u2028\u2029]*\u001b\[K$/u;

const escaped = (character: string): string =>
  character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** What the demo prints: colours on a terminal, plain lines elsewhere. */
const isTerminal = process.stdout.isTTY === true && (process.env.NO_COLOR ?? '') === '';
const coloured = (code) => (text) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text);

const bold = coloured('1');
const dim = coloured('2');
const green = coloured('32');
const red = coloured('31');

export const print = (text = '') => console.log(text);
export const heading = (text) => print(`\n${bold(text)}`);
export const fact = (name, text) => print(`  ${name.padEnd(9)} ${text}`);
export const quote = (text) => print(dim(`  ${text}`));

/** A claim that was checked. */
export const verdict = ({ holds, text }) => print(`  ${holds ? green('✔') : red('✘')} ${text}`);

export const complaint = (text) => console.error(red(text));

/** Rows under their titles: the first two columns are texts, the others numbers. */
export function printTable(titles, rows) {
  const texts = rows.map((row) => row.map(String));
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...texts.map((row) => row[column].length)),
  );
  const line = (row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join('  ');
  print(`  ${bold(line(titles))}`);
  for (const row of texts) print(`  ${line(row)}`);
}

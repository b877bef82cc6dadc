import { ascii, type Line, type Style } from './text.ts';

/** A terminal whose whole screen is ours while it is entered (src/process/terminal.ts). */
export interface Terminal {
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly write: (text: string) => void;
  /** Keys as they come; it was resized, or is ours again after it was lent to others. */
  readonly enter: (heard: {
    readonly onInput: (input: string) => void;
    readonly onChange: () => void;
  }) => void;
  /** As it was before. */
  readonly leave: () => void;
  /** As Ctrl-Z does: the shell has it until it says otherwise. */
  readonly suspend: () => void;
}

/** Parameters of SGR (ECMA-48). */
const parameters: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '2',
  strong: '1',
  good: '32',
  warn: '33',
  bad: '31',
  selected: '7',
};
/** Without colours. */
const bare: Readonly<Record<Style, string>> = {
  ...{ plain: '', dim: '', strong: '', good: '', warn: '', bad: '' },
  selected: '7',
};

export interface Look {
  readonly hasColours: boolean;
  readonly isUtf8: boolean;
}

/** A line with its styles, which end within it. */
export function painted(line: Line, { hasColours, isUtf8 }: Look): string {
  return line
    .map(({ text, style }) => {
      const written = isUtf8 ? text : ascii(text);
      const parameter = (hasColours ? parameters : bare)[style];
      return parameter === '' ? written : `\u001b[${parameter}m${written}\u001b[0m`;
    })
    .join('');
}

/** What is on the screen; only lines that differ are written, all in one go, so that nothing flickers. */
export class Painter {
  readonly #look: Look;
  #lines: readonly string[] = [];

  constructor(look: Look) {
    this.#look = look;
  }

  /** What is on the screen is not known any more. */
  forget(): void {
    this.#lines = [];
  }

  /** What has to be written; empty: nothing has changed. */
  paint(lines: readonly Line[]): string {
    const next = lines.map((line) => painted(line, this.#look));
    const isFirst = this.#lines.length !== next.length;
    const changes = next.flatMap((line, at) =>
      !isFirst && line === this.#lines[at] ? [] : [`\u001b[${at + 1};1H${line}\u001b[K`],
    );
    this.#lines = next;
    return `${isFirst ? '\u001b[2J' : ''}${changes.join('')}`;
  }
}

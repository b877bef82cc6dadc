/** A body in chunks (RFC 9112, 7.1): its content, and what follows it. */
export interface Dechunked {
  readonly content: string;
  /** Where the trailers begin, behind the last chunk's line. */
  readonly trailersFrom: number;
  /** What stands behind the sizes of chunks: `;name=value`. */
  readonly extensions: string;
}

const line = /([0-9A-Fa-f]{1,8})([ \t]*(?:;[^\r\n]*)?)\r?\n/y;

/** Undefined where it is broken or cut off. */
export function dechunk(text: string): Dechunked | undefined {
  const parts: string[] = [];
  let extensions = '';
  for (let at = 0; ; ) {
    line.lastIndex = at;
    const [whole, digits = '', extension = ''] = line.exec(text) ?? [];
    if (whole === undefined) return undefined;
    if (extension !== '') extensions += `${extension}\n`;
    const from = at + whole.length;
    const size = Number.parseInt(digits, 16);
    if (size === 0) return { content: parts.join(''), trailersFrom: from, extensions };
    const to = from + size;
    if (to > text.length) return undefined;
    parts.push(text.slice(from, to));
    if (text.startsWith('\r\n', to)) at = to + 2;
    else if (text[to] === '\n') at = to + 1;
    else return undefined;
  }
}

/** The trailers end with an empty line, and nothing follows. */
export const areTrailers = (text: string): boolean =>
  /^(?:[^\r\n: \t][^\r\n:]*:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*\r?\n$/.test(text);

/** Whether a body is in chunks, where no header tells. */
export function isInChunks(text: string): boolean {
  if (!/^[0-9A-Fa-f]{1,6}(?:;[^\r\n]*)?\r\n/.test(text) || !/\r\n\r\n$/.test(text.slice(-4)))
    return false;
  const chunks = dechunk(text);
  return chunks !== undefined && areTrailers(text.slice(chunks.trailersFrom));
}

/** The content as one chunk, with what ends it. */
export const enchunk = (content: string, trailers: string): string =>
  `${content === '' ? '' : `${content.length.toString(16)}\r\n${content}\r\n`}0\r\n${trailers}`;

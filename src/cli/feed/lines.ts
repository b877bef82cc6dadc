export interface Line {
  /** From 1. */
  readonly number: number;
  /** Undefined: it is longer than any record. */
  readonly bytes: Buffer | undefined;
}

/** Of one line, or row; records are a few KiB. */
export const longestLine = 64 * 1024 * 1024;
const lineFeed = 0x0a;

/** The lines of a file. Rejects where its bytes do. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer>,
  longest = longestLine,
): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  const ended = (last: Buffer): Line => {
    number += 1;
    const isTooLong = length + last.length > longest;
    const line = { number, bytes: isTooLong ? undefined : Buffer.concat([...parts, last]) };
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (
      let end = chunk.indexOf(lineFeed);
      end >= 0;
      start = end + 1, end = chunk.indexOf(lineFeed, start)
    )
      yield ended(chunk.subarray(start, end));
    const rest = chunk.subarray(start);
    length += rest.length;
    // Of what is too long only the length is kept.
    if (length <= longest) parts.push(rest);
    else parts = [];
  }
  if (length > 0) yield ended(Buffer.alloc(0));
}

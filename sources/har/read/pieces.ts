import { type Piece, Splitter } from './split.ts';

/**
 * The pieces of a HAR whose bytes come in parts. They are made of one part at a time, so memory does not grow with the file.
 * UTF-16, which tools of Windows write, is understood by its mark. `at` of a piece counts without the mark, and in UTF-8.
 */
export async function* piecesOf(
  parts: AsyncIterable<Buffer> | Iterable<Buffer>,
  { longest }: { readonly longest: number },
): AsyncGenerator<Piece> {
  let found: Piece[] = [];
  const splitter = new Splitter((piece) => found.push(piece), { longest });
  for await (const part of inUtf8(parts)) {
    splitter.write(part);
    yield* found;
    found = [];
  }
  splitter.end();
  yield* found;
}

/** Without its mark. */
async function* inUtf8(parts: AsyncIterable<Buffer> | Iterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  let decode = (part: Buffer): Buffer => part;
  for await (const part of parts) {
    if (head === undefined) {
      yield decode(part);
      continue;
    }
    head = Buffer.concat([head, part]);
    if (head.length < longestMark) continue;
    decode = decoderFor(head);
    yield decode(withoutMark(head));
    head = undefined;
  }
  if (head !== undefined) yield head;
}

const longestMark = 3;
const withoutMark = (head: Buffer): Buffer =>
  head.toString('latin1', 0, longestMark) === '\xef\xbb\xbf' ? head.subarray(longestMark) : head;

function decoderFor([one, two]: Buffer): (part: Buffer) => Buffer {
  const isLittle = one === 0xff && two === 0xfe;
  if (!isLittle && !(one === 0xfe && two === 0xff)) return (part) => part;
  const decoder = new TextDecoder(isLittle ? 'utf-16le' : 'utf-16be');
  return (part) => Buffer.from(decoder.decode(part, { stream: true }));
}

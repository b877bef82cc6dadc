/** An HTTP/1 message as a record has it, in its parts. */
export interface MessageParts {
  /** `GET /x HTTP/1.1`, or `HTTP/1.1 200 OK`, at its spaces: at most three. */
  readonly start: readonly [string, string, string];
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Bytes of the head, with the empty line. */
  readonly headSize: number;
  readonly body: Buffer;
}

/** Undefined: it is none, or only what is left of one. */
export function messageParts(bytes: Buffer): MessageParts | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  const headSize = end < 0 ? bytes.length : end + 4;
  const [first = '', ...lines] = textOf(bytes.subarray(0, end < 0 ? headSize : end)).split('\r\n');
  const [, one, two, three = ''] = /^(\S+) (\S+)(?: (.*))?$/.exec(first) ?? [];
  if (one === undefined || two === undefined) return undefined;
  const headers = lines.flatMap((line) => {
    const [, name, value] = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
  return { start: [one, two, three], headers, headSize, body: bytes.subarray(headSize) };
}

/** UTF-8, and Latin-1 where it is none. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

/** All values of a header, its name in lower case. */
export const valuesOf = ({ headers }: MessageParts, name: string): readonly string[] =>
  headers.filter((each) => each.name.toLowerCase() === name).map(({ value }) => value);

export const valueOf = (message: MessageParts, name: string): string =>
  valuesOf(message, name)[0] ?? '';

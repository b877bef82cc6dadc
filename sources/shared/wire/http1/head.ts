/** Heads of HTTP/1 messages (RFC 9112), as a reader by the wayside needs them: what is doubtful is refused, never guessed. */

/** How long a message's body is: so many bytes, or one of these. */
export const untilClose = -1;
export const inChunks = -2;

export interface Head {
  /** The first line. */
  readonly start: string;
  /** Names and values alternately. */
  readonly rawHeaders: string[];
}

/** Headers in one message; servers allow a hundred or so. */
const mostHeaders = 1000;

/** `text`: the head with its line ends, without the empty line. Undefined: it is none. */
export function parseHead(text: string): Head | undefined {
  const lines = text.split('\n');
  const rawHeaders: string[] = [];
  let start = '';
  if (lines.length > mostHeaders) return undefined;
  for (let index = 0; index < lines.length; index++) {
    const whole = lines[index] as string;
    const line = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    if (line.includes('\r')) return undefined;
    if (index === 0) start = line;
    else if (line === '') continue;
    else if (line.startsWith(' ') || line.startsWith('\t')) {
      // A value that goes on, as old programs write it.
      if (rawHeaders.length === 0) return undefined;
      rawHeaders.push(`${rawHeaders.pop() ?? ''} ${line.trim()}`);
    } else {
      const colon = line.indexOf(':');
      if (colon <= 0) return undefined;
      const name = line.slice(0, colon);
      if (name.endsWith(' ') || name.endsWith('\t')) return undefined;
      rawHeaders.push(name, trimmed(line, colon + 1));
    }
  }
  return { start, rawHeaders };
}

function trimmed(line: string, from: number): string {
  let [start, end] = [from, line.length];
  while (start < end && isBlank(line.charCodeAt(start))) start++;
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
}

export function parseRequestLine(line: string): RequestLine | undefined {
  const [first, last] = [line.indexOf(' '), line.lastIndexOf(' ')];
  if (first <= 0 || last <= first + 1) return undefined;
  const [method, target, version] = [
    line.slice(0, first),
    line.slice(first + 1, last),
    line.slice(last + 1),
  ];
  if (!/^HTTP\/\d\.\d$/.test(version) || !/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/.test(method))
    return undefined;
  return /[\s\0]/.test(target) ? undefined : { method, target, httpVersion: version.slice(5) };
}

export interface StatusLine {
  readonly status: number;
  readonly reason: string;
  readonly httpVersion: string;
}

export function parseStatusLine(line: string): StatusLine | undefined {
  const [, httpVersion, status, reason = ''] =
    /^HTTP\/(\d\.\d) ([1-9]\d\d)(?: (.*))?$/.exec(line) ?? [];
  return httpVersion === undefined ? undefined : { status: Number(status), reason, httpVersion };
}

/** What headers say of the body. */
export interface Framing {
  /** `inChunks`, bytes, or undefined: they say nothing. */
  readonly length: number | undefined;
  readonly host: string;
  /** What the connection is to become, in lower case; empty: nothing else. */
  readonly upgrade: string;
}

/** Undefined: they contradict themselves, so nobody knows where the body ends. */
export function framingOf(rawHeaders: readonly string[]): Framing | undefined {
  let [length, encoding, host, upgrade]: [number | undefined, string, string | undefined, string] =
    [...[undefined, '', undefined, '']] as never;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    const value = rawHeaders[at + 1] as string;
    switch (name.length) {
      case 4:
        if (host === undefined && name.toLowerCase() === 'host') host = value;
        break;
      case 7:
        if (name.toLowerCase() === 'upgrade') upgrade = value.toLowerCase();
        break;
      case 14:
        if (name.toLowerCase() === 'content-length') {
          if (!/^\d{1,15}$/.test(value)) return undefined;
          const said = Number(value);
          if (length !== undefined && length !== said) return undefined;
          length = said;
        }
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding')
          encoding = encoding === '' ? value.toLowerCase() : `${encoding}, ${value.toLowerCase()}`;
        break;
    }
  }
  if (encoding !== '') length = /(?:^|[\s,])chunked$/.test(encoding) ? inChunks : untilClose;
  return { length, host: host ?? '', upgrade };
}

/** What a line says, of whatever format. Texts as they came over the wire: a character is a byte. */
export interface LineFields {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly client: string;
  readonly userAgent: string;
  readonly referer: string;
  readonly host: string;
  /** `10.0.2.1:80`; empty: not known. */
  readonly server: string;
  readonly received: number;
  readonly sent: number;
  /** Milliseconds; 0: not known. */
  readonly total: number;
  readonly upstream: number;
  /** Why there was no answer, in a word of ours. */
  readonly error: string;
}

/** A text in quotes, with escapes. */
export const quoted = '"((?:[^"\\\\]|\\\\.)*)"';

/** What stands in quotes, with `\x22`, `\"` and `\\` undone. A dash alone is nothing. */
export function unescaped(text: string): string {
  if (text === '-') return '';
  const bytes = /[^\0-\x7f]/.test(text) ? Buffer.from(text).toString('latin1') : text;
  return bytes.replaceAll(
    /\\(?:x([\da-f]{2})|(.))/gi,
    (_, digits: string | undefined, one: string) =>
      digits === undefined ? one : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

export const number = (text: string): number =>
  /^\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) : 0;

/** `GET /x HTTP/1.1`. Undefined: none was understood, as where a client spoke TLS to a plain port. */
export function requestIn(
  text: string,
): Pick<LineFields, 'method' | 'target' | 'httpVersion'> | undefined {
  const [, method, target, version = '1.1'] =
    /^([A-Za-z][!#$%&'*+.^_`|~\dA-Za-z-]{0,63}) (.+?)(?: HTTP\/(\d(?:\.\d)?))?$/s.exec(text) ?? [];
  if (method === undefined || target === undefined) return undefined;
  return {
    method,
    // Nothing in it may begin another part of a request’s first line.
    target: target.replaceAll(/[\0- \x7f]/g, (one) => encodeURIComponent(one)),
    httpVersion: version.length === 1 ? `${version}.0` : version,
  };
}

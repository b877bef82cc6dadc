import type { RequestHead } from '../../shared/relay/decision.ts';

/** A request's head, taken apart. */
export interface Request {
  readonly head: RequestHead;
  /** In lower case, without a port. */
  readonly host: string;
  /** As on the wire, with its escapes: what is forwarded. */
  readonly path: string;
  /** Without escapes: what definitions and records speak of. */
  readonly plainPath: string;
  /** Behind the `?`, as on the wire; empty where there is none. */
  readonly query: string;
}

/** Undefined: no path can be read from it, or one that steps out of where it seems to lead (`..`). */
export function readRequest(head: RequestHead): Request | undefined {
  const { target } = head;
  const absolute = target.startsWith('/') ? null : /^https?:\/\/([^/?#]*)([^#]*)$/i.exec(target);
  if (!target.startsWith('/') && absolute === null) return undefined;
  const rest = absolute === null ? target : absolute[2] || '/';
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark) || '/';
  const plainPath = plainOf(path);
  if (hasDotSegments(plainPath)) return undefined;
  return {
    head,
    host: bareHostOf(absolute?.[1] ?? head.host),
    path,
    plainPath,
    query: mark < 0 ? '' : rest.slice(mark + 1),
  };
}

function bareHostOf(host: string): string {
  const lower = host.toLowerCase();
  return lower.includes(':') ? lower.replace(/:\d*$/, '') : lower;
}

/** A path without its escapes. `%zz` stays as it is, and bytes that are no UTF-8 are replaced. */
export function plainOf(path: string): string {
  if (!path.includes('%')) return latin(path);
  const bytes = path.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return latin(bytes);
}

/** Node gives what stands on the wire as Latin-1. */
const latin = (text: string): string =>
  /[^\0-\x7f]/.test(text) ? Buffer.from(text, 'latin1').toString() : text;

/** A backslash is a slash to some upstreams. */
const hasDotSegments = (path: string): boolean =>
  path.includes('..') && path.split(/[/\\]/).some((segment) => segment.split(';')[0] === '..');

/** The first value of a parameter of a query. */
export const parameterOf = (query: string, name: string): string | undefined =>
  query === '' ? undefined : (new URLSearchParams(query).get(name) ?? undefined);

/** The query without a parameter; whatever else it has is as it was. */
export function withoutParameter(query: string, name: string): string {
  if (query === '') return query;
  return query
    .split('&')
    .filter((part) => !new URLSearchParams(part).has(name))
    .join('&');
}

/** The value of a cookie, without quotes. */
export function cookieOf(head: RequestHead, name: string): string | undefined {
  for (const { name: found, value } of cookiesOf(head)) if (found === name) return value;
  return undefined;
}

/** Cookies in their order; a client may send several headers of them in HTTP/2. */
export function* cookiesOf({
  rawHeaders,
}: RequestHead): Iterable<{ readonly name: string; readonly value: string }> {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'cookie') continue;
    for (const part of (rawHeaders[at + 1] ?? '').split(';')) {
      const sign = part.indexOf('=');
      if (sign <= 0) continue;
      yield {
        name: part.slice(0, sign).trim(),
        value: part
          .slice(sign + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      };
    }
  }
}

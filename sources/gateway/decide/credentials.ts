import { removeHeader } from '../../shared/relay/headers.ts';
import type { Places } from '../definition/api.ts';
import { cookieOf, parameterOf, type Request, withoutParameter } from '../route/request.ts';

/** The key or token of a client, without `Bearer`; empty where there is none. The last place that has one counts. */
export function credentialOf(request: Request, { header, parameter, cookie }: Places): string {
  const { head, query } = request;
  const inHeader = header === undefined ? undefined : head.header(header);
  const inQuery = parameter === undefined ? undefined : parameterOf(query, parameter);
  const inCookie = cookie === undefined ? undefined : cookieOf(head, cookie);
  return (inCookie || inQuery || inHeader || '').replace(/^bearer /i, '');
}

/** Headers without it, wherever an API takes it from. */
export function withoutCredential(
  headers: readonly string[],
  { header, cookie }: Places,
): readonly string[] {
  const rest = header === undefined ? headers : removeHeader(headers, header);
  return cookie === undefined ? rest : withoutCookie(rest, cookie);
}

export const queryWithoutCredential = (query: string, { parameter }: Places): string =>
  parameter === undefined ? query : withoutParameter(query, parameter);

function withoutCookie(headers: readonly string[], name: string): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [header = '', value = ''] = [headers[at], headers[at + 1]];
    if (header.toLowerCase() !== 'cookie') kept.push(header, value);
    else {
      const rest = value.split(';').filter((part) => part.split('=')[0]?.trim() !== name);
      if (rest.length > 0) kept.push(header, rest.join(';').trim());
    }
  }
  return kept;
}

import { randomUUID } from 'node:crypto';
import type { Claims } from '../jwt/verify.ts';
import { cookiesOf, type Request } from '../route/request.ts';
import { shownValue, type Variables } from './variables.ts';

/** What variables are made of, beside the request. */
export interface VariableSources {
  readonly clientAddress: string;
  /** The key of the session. */
  readonly key: string | undefined;
  readonly token: { readonly header: Claims; readonly claims: Claims } | undefined;
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  /** `enable_context_vars`. */
  readonly hasContext: boolean;
}

/** The variables of one request; each is looked up where it is asked for. */
export function requestVariables(request: Request, sources: VariableSources): Variables {
  let id: string | undefined;
  const { head, plainPath, query } = request;
  const ofRequest: Readonly<Record<string, () => string>> = {
    path: () => plainPath,
    path_parts: () => plainPath.split('/').join(',').replace(/^,/, ''),
    remote_addr: () => sources.clientAddress,
    request_id: () => (id ??= randomUUID()),
    token: () => sources.key ?? '',
    headers_Host: () => head.host,
    request_data: () => shownForm(query),
  };
  return {
    context(name) {
      if (!sources.hasContext) return undefined;
      if (Object.hasOwn(ofRequest, name)) return ofRequest[name]?.();
      const [, kind, rest = ''] =
        /^(headers|cookies|request_data|jwt_claims)_(.*)$/.exec(name) ?? [];
      switch (kind) {
        case 'headers':
          return headerNamed(head.rawHeaders, rest);
        case 'cookies':
          return lastOf(cookiesOf(head), ({ name: found }) => underscored(found) === rest);
        case 'request_data':
          return firstParameter(query, rest);
        case 'jwt_claims':
          return claimNamed(sources.token, rest);
        default:
          return undefined;
      }
    },
    meta(name) {
      const { meta } = sources;
      return meta !== undefined && Object.hasOwn(meta, name) ? shownValue(meta[name]) : undefined;
    },
  };
}

const underscored = (name: string): string => name.replaceAll('-', '_');

/** Go's spelling of a header: `x-request-id` is `X-Request-Id`. */
const canonical = (name: string): string =>
  name.toLowerCase().replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());

function headerNamed(raw: readonly string[], name: string): string | undefined {
  for (let at = 0; at + 1 < raw.length; at += 2)
    if (underscored(canonical(raw[at] ?? '')) === name) return utf8Of(raw[at + 1] ?? '');
  return undefined;
}

/** Node gives a header's bytes as Latin-1. */
export const utf8Of = (value: string): string =>
  /[^\0-\x7f]/.test(value) ? Buffer.from(value, 'latin1').toString() : value;

function lastOf<T extends { readonly value: string }>(
  all: Iterable<T>,
  fits: (one: T) => boolean,
): string | undefined {
  let value: string | undefined;
  for (const one of all) if (fits(one)) value = utf8Of(one.value);
  return value;
}

function firstParameter(query: string, name: string): string | undefined {
  for (const [key, value] of new URLSearchParams(query))
    if (underscored(key) === name) return value;
  return undefined;
}

/** The whole query, as the gateway writes a form. */
function shownForm(query: string): string {
  const form = new Map<string, string[]>();
  for (const [key, value] of new URLSearchParams(query))
    form.set(key, [...(form.get(key) ?? []), value]);
  return [...form].map(([key, values]) => `${key}:${values.join(',')}`).join(';');
}

/** A claim goes before a member of the token's header. */
function claimNamed(token: VariableSources['token'], name: string): string | undefined {
  if (token === undefined) return undefined;
  const from = Object.hasOwn(token.claims, name) ? token.claims : token.header;
  return Object.hasOwn(from, name) ? shownValue(from[name]) : undefined;
}

import type { Api, Version } from '../definition/api.ts';
import { parameterOf, type Request, withoutParameter } from './request.ts';
import { rooted, withoutListenPath } from './router.ts';

/** A request with its version, and what is left of it for the upstream. */
export interface Versioned {
  /** As the record has it: what the request said; empty where it said nothing, or need not. */
  readonly said: string;
  /** For the upstream, as on the wire. */
  readonly path: string;
  readonly query: string;
  /** Name of a header that the upstream does not get. */
  readonly strippedHeader: string | undefined;
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly ok: true; readonly version: Version; readonly name: string }
  /** In the gateway's words. */
  | { readonly ok: false; readonly words: string };

export function versionOf(api: Api, request: Request, now: number): Versioned {
  const stripped = withoutListenPath(api, request.path, request.plainPath);
  const path = api.isStripped ? stripped : request.path;
  const { query } = request;
  const { versioning } = api;
  if (versioning.kind === 'one') {
    const { version } = versioning;
    const outcome = inTime(version, version.name, now);
    return { said: '', path, query, strippedHeader: undefined, outcome };
  }
  const { location, key, isStripped } = versioning;
  const said = saidIn(location, key, request, stripped);
  const name = said === '' ? versioning.ordinary : said;
  const whole = { said, path, query, strippedHeader: undefined };
  if (name === undefined) return { ...whole, outcome: no('Version information not found') };
  const version = versioning.byName.get(name);
  if (version === undefined)
    return { ...whole, outcome: no('This API version does not seem to exist') };
  const outcome = inTime(version, name, now);
  if (!isStripped) return { ...whole, outcome };
  switch (location) {
    case 'header':
      return { ...whole, strippedHeader: key, outcome };
    case 'url-param':
      return { ...whole, query: withoutParameter(request.query, key), outcome };
    case 'url':
      return {
        ...whole,
        path: said === '' ? path : withoutSegment(path, said),
        outcome,
      };
    default:
      return location satisfies never;
  }
}

const no = (words: string): Outcome => ({ ok: false, words });

function saidIn(
  location: 'header' | 'url-param' | 'url',
  key: string,
  { head, query }: Request,
  stripped: string,
): string {
  if (location === 'header') return head.header(key.toLowerCase()) ?? '';
  if (location === 'url-param') return parameterOf(query, key) ?? '';
  return stripped.split('/').find((part) => part !== '') ?? '';
}

/** Once, where it stands first, as the gateway does. */
function withoutSegment(path: string, segment: string): string {
  const parts = path.split('/');
  const at = parts.indexOf(segment);
  return at < 0 ? path : rooted(parts.filter((_, index) => index !== at).join('/'));
}

const inTime = (version: Version, name: string, now: number): Outcome =>
  version.expiresAt === undefined || now < version.expiresAt
    ? { ok: true, version, name }
    : no('Api Version has expired, please check documentation or contact administrator');

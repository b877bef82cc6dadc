import type { Api } from '../definition/api.ts';
import { plainOf } from './request.ts';

/** Which API serves a request. */
export interface Router {
  /** `host`: in lower case, without a port. `path`: without escapes. */
  find(host: string, path: string): Api | undefined;
}

/**
 * APIs of the very host go first, then those of a wildcard (`*.example.com`), then those of every host; among them the
 * longest listen path.
 */
export function createRouter(apis: readonly Api[]): Router {
  const byDomain = new Map<string, Api[]>();
  for (const api of apis) byDomain.set(api.domain, [...(byDomain.get(api.domain) ?? []), api]);
  for (const list of byDomain.values())
    list.sort((one, other) => other.listenPath.length - one.listenPath.length);
  const everywhere = byDomain.get('') ?? [];
  const isHostless = byDomain.size === 0 || (byDomain.size === 1 && everywhere.length > 0);

  return {
    find(host, path) {
      if (!isHostless) {
        const parent = host.indexOf('.');
        const found =
          first(byDomain.get(host), path) ??
          (parent < 0 ? undefined : first(byDomain.get(`*${host.slice(parent)}`), path));
        if (found !== undefined) return found;
      }
      return first(everywhere, path);
    },
  };
}

function first(apis: readonly Api[] | undefined, path: string): Api | undefined {
  return apis?.find((api) => serves(api, path));
}

function serves({ listenPath, endsAtSegment }: Api, path: string): boolean {
  if (!path.startsWith(listenPath)) {
    // `/a/` of the short form serves `/a` too.
    return endsAtSegment && path.length + 1 === listenPath.length && listenPath === `${path}/`;
  }
  return (
    !endsAtSegment ||
    listenPath.endsWith('/') ||
    path.length === listenPath.length ||
    path[listenPath.length] === '/'
  );
}

/**
 * A path on the wire without the listen path, and with a slash in front. What follows the listen path stays as the client wrote
 * it, escape for escape, even where the listen path itself was written with escapes: decoding it would make other slashes and
 * question marks of it.
 */
export function withoutListenPath({ listenPath }: Api, path: string, plainPath: string): string {
  if (path.startsWith(listenPath)) return rooted(path.slice(listenPath.length));
  if (!plainPath.startsWith(listenPath)) return '/';
  // Each byte of it may be an escape of three characters.
  const longest = Math.min(path.length, 3 * Buffer.byteLength(listenPath));
  for (let end = listenPath.length; end <= longest; end++)
    if (plainOf(path.slice(0, end)) === listenPath) return rooted(path.slice(end));
  return '/';
}

export const rooted = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

import type { Api } from '../definition/api.ts';

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
 * A path on the wire without the listen path, which may have been written with escapes; always with a slash in front. Where the
 * two forms of the beginning differ, the escapes go.
 */
export function withoutListenPath(api: Api, path: string, plainPath: string): string {
  const { listenPath } = api;
  if (path.startsWith(listenPath)) return rooted(path.slice(listenPath.length));
  if (plainPath.startsWith(listenPath))
    return rooted(encodeURI(plainPath.slice(listenPath.length)));
  return '/';
}

export const rooted = (path: string): string => (path.startsWith('/') ? path : `/${path}`);

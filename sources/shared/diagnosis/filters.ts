import { type HostList, readHosts } from '../lists/hosts.ts';

/** What the operator wants to see; every one of these must let a call pass. */
export interface Filters {
  port(port: number): boolean;
  host(name: string): boolean;
  path(target: string): boolean;
}

interface Wishes {
  readonly ports: readonly number[];
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

/** An empty list lets everything pass. */
export function filtersOf({ ports, hosts, paths }: Wishes): Filters {
  const wanted = new Set(ports);
  const list: HostList | undefined = hosts.length === 0 ? undefined : readHosts(hosts).list;
  const patterns = paths.map(patternOf);
  return {
    port: (port) => wanted.size === 0 || wanted.has(port),
    host: (name) => list === undefined || list.includes(name),
    path: (target) => patterns.length === 0 || patterns.some((pattern) => pattern.test(target)),
  };
}

/** `/api/*`: `*` stands for anything; the query does not count. Parts of fixed text, so the time is linear in the target. */
function patternOf(pattern: string): { test(target: string): boolean } {
  const parts = pattern.split('*');
  return {
    test(target) {
      const path = pathOf(target);
      const [first = '', ...rest] = parts;
      const last = rest.pop();
      if (last === undefined) return path === first;
      if (!path.startsWith(first)) return false;
      let at = first.length;
      for (const part of rest) {
        const found = path.indexOf(part, at);
        if (found < 0) return false;
        at = found + part.length;
      }
      return path.length - last.length >= at && path.endsWith(last);
    },
  };
}

function pathOf(target: string): string {
  const query = target.indexOf('?');
  const bare = query < 0 ? target : target.slice(0, query);
  if (bare.startsWith('/')) return bare;
  const slash = bare.indexOf('/', bare.indexOf('://') + 3);
  return bare.includes('://') ? (slash < 0 ? '/' : bare.slice(slash)) : bare;
}

import { isIP } from 'node:net';
import { readCidrs } from '../../shared/lists/cidr.ts';
import { canonicalHost } from '../../shared/lists/hosts.ts';

/** Whom connections go to directly. */
export interface NoProxy {
  /** `host`: as a client asks for it; a name is not resolved for this. */
  includes(host: string, port: number): boolean;
}

/** An entry that is none, by its place in the list, and what was expected. */
export interface NoProxyProblem {
  readonly at: number;
  readonly words: string;
}

type Fits = (host: string, port: number) => boolean;

/**
 * Reads entries as programs do of the variable `NO_PROXY`: `example.com` (it and every name below it), `.example.com` and
 * `*.example.com` (those below it), an address, a network such as `10.0.0.0/8` (of targets that are addresses), each but a network
 * also with a port, and `*` (everybody). All problems at once.
 */
export function readNoProxy(entries: readonly string[]): {
  readonly list: NoProxy;
  readonly problems: readonly NoProxyProblem[];
} {
  const all: Fits[] = [];
  const problems: NoProxyProblem[] = [];
  entries.forEach((entry, at) => {
    const fits = fitsOf(entry.trim());
    if (typeof fits === 'string') problems.push({ at, words: fits });
    else all.push(fits);
  });
  return { list: { includes: (host, port) => all.some((fits) => fits(host, port)) }, problems };
}

function fitsOf(entry: string): Fits | string {
  if (entry === '*') return () => true;
  if (entry.includes('/')) {
    const { list, problems } = readCidrs([entry]);
    const [problem] = problems;
    return problem?.words.replace(/^expected /, '') ?? ((host) => list.includes(bare(host)));
  }
  const [name, port] = parted(entry);
  const isBelow = /^\*?\./.test(name);
  const wanted = canonicalHost(name.replace(/^\*?\./, ''));
  if (wanted === undefined || port === undefined || (isBelow && isIP(wanted) !== 0))
    return 'a host, .name or *.name for those below a name, an address or a network, with a port or without, or *';
  const isAddress = isIP(wanted) !== 0;
  return (host, asked) => {
    const found = canonicalHost(host);
    if (found === undefined || (port !== 0 && port !== asked)) return false;
    return (
      (!isBelow && found === wanted) ||
      (!isAddress && isIP(found) === 0 && found.endsWith(`.${wanted}`))
    );
  };
}

/** Name and port; 0: every one. Undefined: it is no port. An address of IPv6 with a port has brackets. */
function parted(entry: string): readonly [name: string, port: number | undefined] {
  if (isIP(entry) === 6) return [entry, 0];
  const [, name = entry, digits] = /^(.*?)(?::([^:\]]*))?$/s.exec(entry) ?? [];
  if (digits === undefined) return [name, 0];
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  return [name, port >= 1 && port <= 65_535 ? port : undefined];
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/s, '$1');

import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * A host as names are compared: in lower case, without brackets and without the dot at its end, letters beyond ASCII as
 * they are in DNS. Undefined: it can be neither a name nor an address, so it equals nothing.
 */
export function canonicalHost(host: string): string | undefined {
  const bare = host.replace(/^\[(.*)\]$/s, '$1');
  if (isIP(bare) === 6)
    return new URL(`http://[${bare.replace(/%.*$/, '')}]`).hostname.slice(1, -1);
  if (isIP(bare) === 4) return bare;
  const plain = bare.replace(/\.$/, '');
  // Underscores are in names of services, where domainToASCII has no objection; what it does not know it makes empty.
  if (!/^[^\s/?#@:\\[\]%*]{1,255}$/u.test(plain)) return undefined;
  const ascii = domainToASCII(plain);
  return ascii === '' ? undefined : ascii;
}

/** Names by pattern. */
export interface HostList {
  /** `host`: as a client wrote it. */
  includes(host: string): boolean;
}

/** An entry that is no pattern of a host, and why. */
export interface HostProblem {
  readonly entry: string;
  readonly words: string;
}

/**
 * Reads `example.com`, `*.example.com` (every name below it, at any depth, and not itself), `*` (every host), and
 * addresses. All problems at once.
 */
export function readHosts(entries: readonly string[]): {
  readonly list: HostList;
  readonly problems: readonly HostProblem[];
} {
  const exact = new Set<string>();
  const below = new Set<string>();
  const problems: HostProblem[] = [];
  let isEvery = false;
  for (const entry of entries) {
    const isWild = entry.startsWith('*.');
    const name = canonicalHost(isWild ? entry.slice(2) : entry);
    if (entry === '*') isEvery = true;
    else if (name === undefined || (isWild && isIP(name) !== 0))
      problems.push({ entry, words: 'expected a host, *.name for those below a name, or *' });
    else (isWild ? below : exact).add(name);
  }
  return { list: { includes: (host) => isEvery || includes(host, exact, below) }, problems };
}

function includes(host: string, exact: ReadonlySet<string>, below: ReadonlySet<string>): boolean {
  const name = canonicalHost(host);
  if (name === undefined) return false;
  if (exact.has(name)) return true;
  if (below.size === 0 || isIP(name) !== 0) return false;
  for (let at = name.indexOf('.'); at >= 0; at = name.indexOf('.', at + 1))
    if (below.has(name.slice(at + 1))) return true;
  return false;
}

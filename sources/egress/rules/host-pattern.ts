import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** A host of an entry: a name, or `*.` before one, which stands for one label or more. */
export interface HostPattern {
  /** As `readAuthority` spells names: `example.com`, also of `*.example.com`. */
  readonly name: string;
  readonly isWildcard: boolean;
}

export type PatternReading =
  | { readonly ok: true; readonly pattern: HostPattern }
  | { readonly ok: false; readonly expected: string };

/** Reads what an operator writes, who may use his own letters (`bücher.example`): clients ask for the name in ASCII. */
export function readHostPattern(text: string): PatternReading {
  if (text === '*')
    return expected('a name; for every host write an EgressNetwork with trafficPolicy Allow');
  if (isIP(text.replace(/^\[|\]$/g, '')) !== 0)
    return expected('a name; addresses belong under addresses');
  const isWildcard = text.startsWith('*.');
  // Behind one of these the function below would see the end of a host.
  if (/[/?#@:\\\s]/.test(text)) return noName;
  const name = domainToASCII(isWildcard ? text.slice(2) : text).replace(/\.$/, '');
  if (name.length > 253 || !/^[a-z\d_-]{1,63}(?:\.[a-z\d_-]{1,63})*$/.test(name)) return noName;
  if (isIP(name) !== 0) return expected('a name; addresses belong under addresses');
  return { ok: true, pattern: { name, isWildcard } };
}

function expected(words: string): PatternReading {
  return { ok: false, expected: words };
}

const noName = expected(
  'a name such as api.example.com or *.example.com, without scheme, port and path',
);

/** `*.example.com` has `a.example.com` and `b.a.example.com`, not `example.com` itself. */
export const hasHost = ({ name, isWildcard }: HostPattern, host: string): boolean =>
  isWildcard ? host.endsWith(`.${name}`) && host.length > name.length + 1 : host === name;

/** The more specific one is greater: a name before a wildcard, a longer wildcard before a shorter one. */
export const specificity = ({ name, isWildcard }: HostPattern): number =>
  isWildcard ? name.length : 1_000 + name.length;

export const shownPattern = ({ name, isWildcard }: HostPattern): string =>
  isWildcard ? `*.${name}` : name;

/** Raw headers: names and values alternately, in the order and spelling of the wire. */
export type RawHeaders = readonly string[];

/** What concerns one connection only (RFC 9110, 7.6.1), whatever the Connection header says. */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'transfer-encoding', 'upgrade', 'http2-settings'],
]);

/** Lengths that such a name has. Looked at first: to make lower case of every name, and look for it, cost more than all else. */
const lengthsOfHopByHop = new Set([...hopByHop].map(({ length }) => length));

/** Whether a header, by its name in any spelling, concerns one connection only. */
export const isHopByHop = (name: string): boolean =>
  lengthsOfHopByHop.has(name.length) && hopByHop.has(name.toLowerCase());

/**
 * Without hop-by-hop headers and those that a Connection header names. That may not name what a request is about: `Host`,
 * `Content-Length` and `Authorization` stay, or a client could take away from the upstream what others rely on.
 */
export function withoutHopByHop(raw: RawHeaders): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (isHopByHop(name) || named?.has(name.toLowerCase()) === true) continue;
    kept.push(name, raw[i + 1] ?? '');
  }
  return kept;
}

const neverOfOneConnection = new Set(['host', 'content-length', 'authorization', 'cookie']);

/** Names in lower case; undefined: there are none. */
function namedByConnection(raw: RawHeaders): Set<string> | undefined {
  let named: Set<string> | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] ?? '';
    if (name.length !== 10 || name.toLowerCase() !== 'connection') continue;
    const value = raw[i + 1] ?? '';
    // By far the most frequent one, which names what goes anyway.
    if (value === 'keep-alive') continue;
    for (const token of tokensOf(value))
      if (!neverOfOneConnection.has(token)) (named ??= new Set()).add(token);
  }
  return named;
}

/** The elements of a comma-separated list, in lower case. */
export const tokensOf = (value: string): string[] =>
  value.split(',').flatMap((part) => {
    const token = part.trim().toLowerCase();
    return token === '' ? [] : [token];
  });

/** The first value of a header, by its name in lower case. */
export function headerOf(raw: RawHeaders, name: string): string | undefined {
  for (let i = 0; i + 1 < raw.length; i += 2) if (isNamed(raw[i], name)) return raw[i + 1];
  return undefined;
}

/** With the one value: in the place and spelling of the first header with this name, or at the end; further ones are gone. */
export function setHeader(raw: RawHeaders, name: string, value: string): string[] {
  const lower = name.toLowerCase();
  const result: string[] = [];
  let isSet = false;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    if (!isNamed(raw[i], lower)) result.push(raw[i] ?? '', raw[i + 1] ?? '');
    else if (!isSet) {
      isSet = true;
      result.push(raw[i] ?? '', value);
    }
  }
  if (!isSet) result.push(name, value);
  return result;
}

/** Without the headers of this name, in any spelling. */
export function removeHeader(raw: RawHeaders, name: string): string[] {
  const lower = name.toLowerCase();
  const result: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2)
    if (!isNamed(raw[i], lower)) result.push(raw[i] ?? '', raw[i + 1] ?? '');
  return result;
}

/** Whether a header has this name, given in lower case. */
export const isNamed = (name: string | undefined, lower: string): boolean =>
  name?.length === lower.length && name.toLowerCase() === lower;

/** Raw headers: names and values alternately, in the order and spelling of the wire. */
export type RawHeaders = readonly string[];

/** What concerns one connection only (RFC 9110, 7.6.1), whatever the Connection header says. */
const hopByHop = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'proxy-authorization'],
  ...['te', 'transfer-encoding', 'upgrade', 'http2-settings'],
]);

/** Whether a header, by its name in lower case, concerns one connection only. */
export const isHopByHop = (name: string): boolean => hopByHop.has(name);

/**
 * Without hop-by-hop headers and those that a Connection header names. That may not name what a request is about: `Host`,
 * `Content-Length` and `Authorization` stay, or a client could take away from the upstream what others rely on.
 */
export function withoutHopByHop(raw: RawHeaders): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    if (hopByHop.has(name) || named?.has(name) === true) continue;
    kept.push(raw[i] ?? '', raw[i + 1] ?? '');
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
    for (const token of tokensOf(raw[i + 1] ?? ''))
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

const isNamed = (name: string | undefined, lower: string): boolean =>
  name?.length === lower.length && name.toLowerCase() === lower;

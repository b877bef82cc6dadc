import type { Upstream } from '../../shared/relay/decision.ts';

/** Reads the URL of another proxy. A text says what is wrong, and never quotes it: it may have a password. */
export function readUpstreamProxy(url: string): NonNullable<Upstream['via']> | string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'a URL such as http://proxy:3128';
  }
  if (parsed.protocol !== 'http:')
    return 'a URL that begins with http://: the proxy is spoken to without TLS';
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '')
    return 'a URL without a path: http://proxy:3128';
  const user = decoded(parsed.username);
  const password = decoded(parsed.password);
  if (user === undefined || password === undefined)
    return 'a URL whose user and password have no % but in front of two hexadecimal digits';
  const hasUser = user !== '' || password !== '';
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? 80 : Number(parsed.port),
    ...(hasUser
      ? { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
      : {}),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

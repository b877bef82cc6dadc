import { onWire } from './headers.ts';

/** What a URL says of a call. */
export interface Target {
  readonly scheme: 'http' | 'https';
  /** With the port, where it is written. */
  readonly host: string;
  readonly name: string;
  readonly port: number;
  /** Path and query, as they are written. */
  readonly target: string;
}

const absolute =
  /^(https?|wss?):\/\/(?:[^/?#@]*@)?(\[[0-9a-f:.%]+\]|[^/?#:[\]]*)(?::(\d{1,5}))?([^#]*)/i;

/**
 * The parts of a URL as they are written: `new URL` would change some. A path alone goes to `host`. Words: what is wrong with it.
 */
export function targetOf(url: string, host: string): Target | string {
  const [, scheme = '', name = '', port, rest = ''] = absolute.exec(url.trim()) ?? [];
  if (scheme === '') {
    if (!url.startsWith('/')) return 'expected an address of HTTP in request.url';
    return host === ''
      ? 'expected a host in request.url or in a header'
      : targetOf(`http://${host}${url}`, '');
  }
  if (name === '') return 'expected a host in request.url';
  const isSecure = /s$/i.test(scheme);
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  return {
    scheme: isSecure ? 'https' : 'http',
    host: onWire(port === undefined ? name : `${name}:${port}`).replaceAll(/[\0- \x7f]/g, ''),
    name: name.replaceAll(/[[\]]/g, ''),
    port: port === undefined ? (isSecure ? 443 : 80) : Number(port),
    // A space or a line feed would begin another part of the request’s first line.
    target: onWire(target).replaceAll(/[\0- \x7f]/g, (one) => encodeURIComponent(one)),
  };
}

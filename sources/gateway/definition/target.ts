import type { ConnectionOptions } from 'node:tls';
import { shownHostPort } from '#source';
import type { Upstream } from '../../shared/relay/decision.ts';
import type { SrvNames } from '../balance/srv-names.ts';
import type { Balance } from '../balance/targets.ts';
import type { Rhythm } from '../health/check.ts';
import type { Target } from './api.ts';

/** How the upstreams of one API are reached, beside their addresses. */
export interface Manner {
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly tls?: ConnectionOptions | undefined;
  readonly keepsSlash: boolean;
  /** Scheme of a target without one; empty: `http`. */
  readonly protocol: string;
}

/** The same place in the same manner gives the same object, so that its connections are used again, even after a reload. */
export class UpstreamPool {
  readonly #known = new Map<string, Upstream>();
  readonly #before: ReadonlyMap<string, Upstream>;

  /** `before`: the pool of the load before this one, whose places are forgotten unless they are asked for again. */
  constructor(before?: UpstreamPool) {
    this.#before = before === undefined ? new Map() : before.#known;
  }

  of(upstream: Upstream): Upstream {
    const key = JSON.stringify(upstream);
    const found = this.#known.get(key) ?? this.#before.get(key) ?? upstream;
    this.#known.set(key, found);
    return found;
  }
}

/** What definitions leave to the source. */
export interface DefinitionDefaults {
  /** Milliseconds to connect to an upstream. */
  readonly connectTimeout: number;
  readonly pool: UpstreamPool;
  readonly balance: Balance;
  readonly srv: Pick<SrvNames, 'of' | 'resolve'>;
  /** Of checks. */
  readonly rhythm: Rhythm;
}

export const targetExpected =
  'an address, such as "http://10.0.0.1:8080/base", "https://example.com", "h2c://…", or "unix:/run/app.sock"';

/** Reads the address of an upstream; undefined where it is none. A user or password in it is none either. */
export function readTarget(text: string, manner: Manner, pool: UpstreamPool): Target | undefined {
  const { connectTimeout, tls, keepsSlash } = manner;
  const trimmed = text.trim();
  const socket = /^unix:(?:\/\/)?(\/[^:]*)(?::(\/.*))?$/.exec(trimmed);
  if (socket !== null) {
    const upstream = pool.of({
      ...{ protocol: 'http:', host: 'localhost', port: 0, http2: 'never', connectTimeout },
      socketPath: socket[1],
    });
    const path = socket[2] ?? '/';
    return { upstream, host: 'localhost', path, prefix: prefixOf(path), query: '', keepsSlash };
  }
  const whole = trimmed.includes('://') ? trimmed : `${manner.protocol || 'http'}://${trimmed}`;
  const scheme = schemes[/^[a-z\d+.-]+/i.exec(whole)?.[0].toLowerCase() ?? ''];
  if (scheme === undefined) return undefined;
  // The parser knows the ports and the rules of hosts of these two alone.
  const url = urlOf(whole.replace(/^[^:]+/, scheme.protocol.slice(0, -1)));
  if (url === undefined || url.username !== '' || url.password !== '' || url.hostname === '')
    return undefined;
  const port = Number(url.port) || (scheme.protocol === 'https:' ? 443 : 80);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const upstream = pool.of({
    ...{ protocol: scheme.protocol, host, port, http2: scheme.http2, connectTimeout },
    ...(tls === undefined || scheme.protocol === 'http:' ? {} : { tls }),
  });
  return {
    upstream,
    host: url.port === '' ? url.hostname : shownHostPort({ host, port }),
    path: url.pathname,
    prefix: prefixOf(url.pathname),
    query: url.search.slice(1),
    keepsSlash,
  };
}

const prefixOf = (path: string): string => path.replace(/\/+$/, '');

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

const schemes: Readonly<
  Record<string, { readonly protocol: 'http:' | 'https:'; readonly http2: Upstream['http2'] }>
> = {
  http: { protocol: 'http:', http2: 'never' },
  https: { protocol: 'https:', http2: 'alpn' },
  h2c: { protocol: 'http:', http2: 'prior-knowledge' },
  ws: { protocol: 'http:', http2: 'never' },
  wss: { protocol: 'https:', http2: 'never' },
};

/** What the upstream is asked for: its own path, the request's behind it with one slash between, and both queries. */
export function targetOf(target: Target, path: string, query: string): string {
  const { path: base, prefix, query: own, keepsSlash } = target;
  const whole = keepsSlash && path === '/' ? base : prefix + oneSlash(path);
  if (own === '' && query === '') return whole;
  return `${whole}?${own === '' || query === '' ? own + query : `${own}&${query}`}`;
}

/** Exactly one in front. */
const oneSlash = (path: string): string =>
  path.startsWith('//') || !path.startsWith('/') ? `/${path.replace(/^\/+/, '')}` : path;

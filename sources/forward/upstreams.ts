import type { Upstream } from '../shared/relay/decision.ts';
import { publicAddressOf, type Target } from './access/targets.ts';
import type { Settings } from './settings.ts';

/** So many are remembered; those of hosts that nobody asks for any more are forgotten, with their connections. */
const remembered = 2_000;

export interface Wanted extends Target {
  readonly protocol: Upstream['protocol'];
  /** What the client asked for by SNI, which the origin is asked for and its certificate must have. */
  readonly serverName?: string | undefined;
  readonly http2?: Upstream['http2'];
}

/** Upstreams by place: one object for each, by which the relay knows its connections again. */
export class Upstreams {
  readonly #settings: Settings;
  readonly #known = new Map<string, Upstream>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  of(wanted: Wanted): Upstream {
    const { protocol, host, port, serverName, http2 } = wanted;
    const key = `${protocol}//${host} ${port} ${serverName ?? ''} ${http2 ?? ''}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#make(wanted);
    this.#known.set(key, made);
    const [oldest] = this.#known.keys();
    if (this.#known.size > remembered && oldest !== undefined) this.#known.delete(oldest);
    return made;
  }

  #make({ protocol, host, port, serverName, http2 }: Wanted): Upstream {
    const { viaOf, allowsPrivate, connectTimeout, originTls } = this.#settings;
    const name = serverName ?? host;
    const via = viaOf(host, port);
    return {
      ...{ protocol, host, port, connectTimeout },
      ...(via === undefined ? {} : { via }),
      ...(allowsPrivate ? {} : { resolve: publicAddressOf }),
      ...(protocol === 'https:'
        ? {
            tls: {
              ...originTls(name),
              ...(serverName === undefined ? {} : { servername: serverName }),
            },
            http2: http2 ?? 'never',
            tlsPlaces: { authority: 'origin_ca_file', pair: 'origin_certificates' },
          }
        : {}),
    };
  }
}

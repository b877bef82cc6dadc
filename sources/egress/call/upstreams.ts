import type { Upstream } from '../../shared/relay/decision.ts';
import type { CallPolicy, Protocol, TlsOrigination } from '../rules/model.ts';
import type { Place } from './router.ts';
import { tlsOptions } from './tls-identity.ts';

/** How a place is called for requests of HTTP. */
export interface HttpCall {
  readonly place: Place;
  readonly policy: CallPolicy;
  /** Whom the client asked for: TLS is for this name, unless the rules say otherwise. */
  readonly host: string;
  readonly protocol: Protocol;
  /** The client wrote `https`: TLS, also where the rules have none for the port. */
  readonly isTls: boolean;
}

/** More places than are called at a time: of those that go, connections end when they are idle. */
const mostPlaces = 5_000;

const plainTls: TlsOrigination = {
  ...{ sni: undefined, ca: undefined, client: undefined, subjectAltNames: [] },
};

/** The same object for the same place called in the same way, by which connections are used again. */
export class HttpUpstreams {
  readonly #known = new Map<CallPolicy, Map<string, Upstream>>();

  of(call: HttpCall): Upstream {
    const { place, policy, host, protocol, isTls } = call;
    const ofPolicy = this.#known.get(policy) ?? new Map<string, Upstream>();
    this.#known.set(policy, ofPolicy);
    const key = `${place.key} ${host} ${protocol} ${isTls}`;
    const upstream = ofPolicy.get(key) ?? upstreamOf(call);
    // The one used last stands last.
    ofPolicy.delete(key);
    ofPolicy.set(key, upstream);
    const [oldest] = ofPolicy.keys();
    if (ofPolicy.size > mostPlaces && oldest !== undefined) ofPolicy.delete(oldest);
    return upstream;
  }
}

function upstreamOf({ place, policy, host, protocol, isTls }: HttpCall): Upstream {
  const tls = policy.tls ?? (isTls ? plainTls : undefined);
  const isHttp2 = protocol === 'HTTP2' || protocol === 'GRPC';
  return {
    protocol: tls === undefined ? 'http:' : 'https:',
    host: place.address,
    port: place.port,
    ...(place.port === 0 ? { socketPath: place.address } : {}),
    ...(tls === undefined ? {} : { tls: tlsOptions(tls, host) }),
    http2: isHttp2 ? (tls === undefined ? 'prior-knowledge' : 'alpn') : 'never',
    connectTimeout: policy.connectTimeout,
  };
}

import type { BalancePolicy } from '../../shared/balance/balancer.ts';
import type { CidrList } from '../../shared/lists/cidr.ts';
import type { HostPattern } from './host-pattern.ts';

/** What may leave, and how. One model for Istio's files, Linkerd's, and the short form of our own. */
export interface Rules {
  readonly entries: readonly Entry[];
  readonly networks: readonly EgressNetwork[];
}

/**
 * What a port of an entry speaks. `HTTP`, `HTTP2`, `GRPC`: requests that are looked into. `HTTPS`, `TLS`: passed through by
 * the name that the client's TLS asks for. `TCP`: bytes.
 */
export type Protocol = 'HTTP' | 'HTTP2' | 'GRPC' | 'HTTPS' | 'TLS' | 'TCP';

/** `NONE`: whom the client asked for. `STATIC`: the endpoints' addresses. `DNS`: endpoints, or hosts, by name, every address. */
export type Resolution = 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN';

/** Somebody outside who may be called. */
export interface Entry {
  /** `namespace/name`, or what the short form calls it. */
  readonly name: string;
  readonly hosts: readonly EntryHost[];
  /** Addresses that clients may ask for in place of a host. */
  readonly addresses: CidrList;
  /** Those of private networks that may be connected to, as somebody has written them down. */
  readonly named: CidrList;
  readonly ports: readonly EntryPort[];
  readonly resolution: Resolution;
  readonly endpoints: readonly EntryEndpoint[];
}

export interface EntryHost {
  readonly pattern: HostPattern;
  /** How it is called at a port, by the most specific DestinationRule. */
  readonly policyOf: (port: number) => CallPolicy;
}

export interface EntryPort {
  /** What clients ask for. */
  readonly number: number;
  /** Endpoints call their ports by it. */
  readonly name: string;
  readonly protocol: Protocol;
  /** What is connected to, unless an endpoint says otherwise. */
  readonly targetPort: number;
}

export interface EntryEndpoint {
  /** `address`: an IP address. `name`: for DNS. `srv`: of SRV records, which say the ports. `path`: of a Unix socket. */
  readonly kind: 'address' | 'name' | 'srv' | 'path';
  readonly address: string;
  /** By the name of the entry's port. */
  readonly ports: ReadonlyMap<string, number>;
  /** Shares of requests; at least 1. */
  readonly weight: number;
}

/** How a host is called: what a DestinationRule says of it, or the defaults. */
export interface CallPolicy extends BalancePolicy {
  /** Undefined: as the client's bytes are. */
  readonly tls: TlsOrigination | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds without a byte until a tunnel ends; undefined: the source's own. */
  readonly idleTimeout: number | undefined;
}

/** TLS that begins here: the client speaks HTTP to us. Certificates are always verified. */
export interface TlsOrigination {
  /** Undefined: the host that the client asked for. */
  readonly sni: string | undefined;
  /** PEM; undefined: the certificate authorities that Node.js trusts. */
  readonly ca: string | undefined;
  /** PEM, for mutual TLS. */
  readonly client: { readonly certificate: string; readonly key: string } | undefined;
  /** The certificate must have one of these; empty: that of the SNI. */
  readonly subjectAltNames: readonly string[];
}

/** Linkerd's: addresses outside of every entry, and whether they may be called. */
export interface EgressNetwork {
  readonly name: string;
  readonly isAllowed: boolean;
  readonly networks: readonly Network[];
}

export interface Network {
  /** As written. */
  readonly cidr: string;
  /** How many bits are given: the longest that has an address decides. */
  readonly bits: number;
  /** It was meant, where it is private. */
  readonly isPrivate: boolean;
  readonly list: CidrList;
  readonly except: CidrList;
}

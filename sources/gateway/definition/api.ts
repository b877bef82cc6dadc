/** What the gateway does for an API: a definition that was read, whether of Tyk's kind or of the short form. */
import type { BlockList } from 'node:net';
import type { CallEnd, Upstream } from '../../shared/relay/decision.ts';
import type { HeaderEdits } from '../headers/header-edits.ts';
import type { Check } from '../health/check.ts';
import type { JwtKey } from '../jwt/jwt-key.ts';
import type { Skew } from '../jwt/verify.ts';
import type { EndpointTable } from '../route/endpoints.ts';

export interface Api {
  readonly id: string;
  readonly name: string;
  readonly organisation: string;
  /** Where it was read: a file, or the configuration. */
  readonly from: string;
  /** In lower case, without a port; empty: every host. A first label `*` stands for any one. */
  readonly domain: string;
  readonly listenPath: string;
  readonly isStripped: boolean;
  /**
   * False: the listen path is a plain beginning of the path, as Tyk's are (`/a` serves `/ab`). True: it ends where a segment
   * does.
   */
  readonly endsAtSegment: boolean;
  readonly auth: Auth;
  readonly isAuthStripped: boolean;
  /** `$tyk_context.…` counts in its headers. */
  readonly hasContextVariables: boolean;
  readonly addresses: AddressRules | undefined;
  readonly versioning: Versioning;
  /** Which limits of keys and policies count. */
  readonly limits: { readonly rate: boolean; readonly quota: boolean };
  /** What records of calls that were not forwarded show as their host: that of the first upstream. */
  readonly host: string;
  readonly keepsHost: boolean;
  /** In lower case. */
  readonly taggedHeaders: readonly string[];
  readonly tags: readonly string[];
  readonly isRecorded: boolean;
  /** Undefined: as the source is configured. */
  readonly isDetailed: boolean | undefined;
  /** Seconds; undefined: for good. */
  readonly expiresAfter: number | undefined;
  /** What of its upstreams is looked at: those that there are now. */
  readonly checks: () => readonly Check[];
  /** Answers and records are those of a Tyk gateway, word for word. False: those of the short form. */
  readonly speaksAsTyk: boolean;
}

/** Where a client's key or token may stand: the last place that has one counts. */
export interface Places {
  readonly header: string | undefined;
  readonly parameter: string | undefined;
  readonly cookie: string | undefined;
}

export type Auth =
  | { readonly kind: 'keyless' }
  | { readonly kind: 'key'; readonly places: Places }
  | {
      readonly kind: 'jwt';
      readonly places: Places;
      readonly key: JwtKey;
      readonly skew: Skew;
      readonly identityClaim: string;
      readonly policyClaim: string;
      readonly defaultPolicies: readonly string[];
    };

/** Who may call, by address. */
export interface AddressRules {
  readonly allowed: BlockList | undefined;
  readonly denied: BlockList | undefined;
}

export interface Version {
  readonly name: string;
  /** Milliseconds since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
  readonly headers: HeaderEdits | undefined;
  readonly targets: Targets;
  readonly endpoints: EndpointTable | undefined;
}

export type Versioning =
  | { readonly kind: 'one'; readonly version: Version }
  | {
      readonly kind: 'several';
      readonly location: 'header' | 'url-param' | 'url';
      readonly key: string;
      readonly isStripped: boolean;
      readonly byName: ReadonlyMap<string, Version>;
      /** Undefined: a request without a version is refused. */
      readonly ordinary: string | undefined;
    };

/** One place to forward to. */
export interface Target {
  readonly upstream: Upstream;
  /** The upstream's name for `Host` and for the record: `example.com`, `example.com:8080`. */
  readonly host: string;
  /** Its path goes before the request's: `/base/`, and the same without its last slashes. */
  readonly path: string;
  readonly prefix: string;
  /** Goes before the request's: `a=1`, or empty. */
  readonly query: string;
  readonly keepsSlash: boolean;
}

/** Whose turn it is; the same object for the lifetime of a definition. */
export interface Targets {
  /** Of the first one, for records of calls that were not forwarded. */
  readonly host: string;
  /** Undefined: there is nobody now. */
  next(): Turn | undefined;
}

export interface Turn {
  readonly target: Target;
  /** Called once, when the call has ended; undefined: nobody asks. */
  readonly ended: ((end: CallEnd) => void) | undefined;
}

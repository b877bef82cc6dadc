import type { ConnectionOptions } from 'node:tls';
import type { CallFacts, Direction } from '#source';
import type { ConnectionFacts } from './connection-facts.ts';

/** Where requests go: one pool of connections. The same object for the same place, so that connections are used again. */
export interface Upstream {
  readonly protocol: 'http:' | 'https:';
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
  /** A Unix socket in their place. */
  readonly socketPath?: string | undefined;
  /** How TLS is spoken to it: CA, client certificate, server name. Certificates are verified unless this says otherwise. */
  readonly tls?: ConnectionOptions | undefined;
  /** What the source calls its options for authorities, and for a certificate of ours: for sentences about what failed. */
  readonly tlsPlaces?: { readonly authority: string; readonly pair: string } | undefined;
  /** `never`: HTTP/1.1. `alpn`: what the server prefers, over TLS. `prior-knowledge`: HTTP/2 without TLS, as gRPC has it. */
  readonly http2?: 'never' | 'alpn' | 'prior-knowledge' | undefined;
  /**
   * The address to connect to for the name, where the source has resolved and checked it itself. Rejects with the reason.
   * Left out: as the system resolves it.
   */
  readonly resolve?: ((host: string) => Promise<string>) | undefined;
  /** Another proxy that the connection goes through, by CONNECT. */
  readonly via?: { readonly host: string; readonly port: number; readonly authorization?: string };
  /** Milliseconds to connect, TLS included. */
  readonly connectTimeout: number;
}

/** What the source wants done with a request whose head is there. */
export type Decision =
  | {
      readonly kind: 'forward';
      readonly upstream: Upstream;
      /** What the upstream is asked for: `/path?query`. */
      readonly target: string;
      /** Names and values alternately: what the upstream is sent, hop-by-hop headers already gone. */
      readonly headers: readonly string[];
      /** Milliseconds until the answer's head must be there; undefined: no bound. */
      readonly timeout?: number | undefined;
      readonly call: CallFacts;
      /** Headers for the client, beside those of the upstream. */
      readonly answerHeaders?: readonly string[] | undefined;
      /** Headers that the record shows of the request; left out: those that the client sent. */
      readonly recordedHeaders?: readonly string[] | undefined;
      /** The request's target that the record shows; left out: what the client asked for. */
      readonly recordedTarget?: string | undefined;
      /** False: nobody may record this call, whatever becomes of it. */
      readonly isRecorded?: boolean | undefined;
      /** Answers the client in the source's own words where the upstream gave no answer; left out: as the relay does. */
      readonly answerFailure?: ((failure: UpstreamFailure) => SourceAnswer) | undefined;
      /**
       * Called once, when the call has ended, also where nothing is recorded: what a source that balances needs to know of
       * an upstream. Must not throw.
       */
      readonly onEnd?: ((end: CallEnd) => void) | undefined;
    }
  | {
      /** The source answers by itself: it refuses, or knows. */
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: readonly string[];
      readonly body: string;
      readonly call: CallFacts;
      /** Kind and words for the record where it is a refusal. */
      readonly error?: { readonly kind: string; readonly words: string } | undefined;
      readonly recordedHeaders?: readonly string[] | undefined;
      readonly recordedTarget?: string | undefined;
      readonly isRecorded?: boolean | undefined;
    };

/** Why the upstream gave no answer: the kind of the exchange's error (`timeout`, `refused`, `tls`, …) and a sentence for people. */
export interface UpstreamFailure {
  readonly kind: string;
  readonly words: string;
}

/** How a forwarded call ended. */
export interface CallEnd {
  /** Of the upstream's answer; undefined: there was none. */
  readonly status: number | undefined;
  /** Why there was none, or why it broke off: whose fault it is, is the kind's (`aborted` is the client's). */
  readonly error: UpstreamFailure | undefined;
}

/** What a client is told in place of an upstream's answer. */
export interface SourceAnswer {
  readonly status: number;
  readonly headers: readonly string[];
  readonly body: string;
}

/** A request's head, the same for HTTP/1.1 and HTTP/2 (whose pseudo headers are taken out). */
export interface RequestHead {
  readonly method: string;
  /** As the client wrote it. */
  readonly target: string;
  /** Of the Host header or `:authority`; empty where there is none. */
  readonly host: string;
  readonly rawHeaders: readonly string[];
  /** The first value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  readonly httpVersion: string;
  readonly client: { readonly address: string; readonly port: number };
  /** Name asked for in the client's TLS (SNI); undefined without TLS. */
  readonly serverName: string | undefined;
  readonly isTls: boolean;
  readonly direction: Direction;
  /** What the relay was told of the connection: the same object for each of its requests. */
  readonly connection: ConnectionFacts;
}

/** Called once for each request; may be asked again for nothing. What it throws is a 500 and an error line. */
export type Decide = (head: RequestHead) => Decision | Promise<Decision>;

/** One message of a call, as far as it was recorded. */
export interface MessageSeen {
  /** Names in small letters, in the order of the wire. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** As on the wire: in chunks and compressed, where it was. */
  readonly body: Buffer;
  /** What stands behind the first `?` of the request's target; '' in an answer. */
  readonly query: string;
  /** Its end is missing. */
  readonly isCut: boolean;
}

/** What a model learns from: a call and its answer. */
export interface Call {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** In small letters; '' where it is not known. */
  readonly host: string;
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** 0: there was no answer. */
  readonly status: number;
  /** Milliseconds. */
  readonly latency: number;
  /** Undefined: not recorded. */
  readonly request: MessageSeen | undefined;
  readonly response: MessageSeen | undefined;
}

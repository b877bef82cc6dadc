import { type ClientHttp2Session, connect } from 'node:http2';
import type { Socket } from 'node:net';
import type { Millis } from '#source';

/** Connections of HTTP/2 to one upstream: one, and another where its streams are used up or it is about to end. */
export class Http2Sessions {
  readonly #idle: Millis;
  readonly #headerBytes: number;
  readonly #count: (change: number) => void;
  readonly #sessions = new Set<ClientHttp2Session>();
  /** Resolve when the other side has said what it can do, or nothing more. */
  readonly #settled = new WeakMap<ClientHttp2Session, Promise<void>>();

  constructor(terms: {
    readonly idle: Millis;
    readonly headerBytes: number;
    readonly count: (change: number) => void;
  }) {
    this.#idle = terms.idle;
    this.#headerBytes = terms.headerBytes;
    this.#count = terms.count;
  }

  /** Undefined: a new connection is needed. */
  usable(): ClientHttp2Session | undefined {
    for (const session of this.#sessions) {
      const most = session.remoteSettings.maxConcurrentStreams ?? 100;
      if (!session.closed && !session.destroyed && streamsOf(session) < most) return session;
    }
    return undefined;
  }

  /** `scheme`: what requests say; the connection is there already. */
  adopt(socket: Socket, scheme: string): ClientHttp2Session {
    const session = connect(`${scheme}//upstream`, {
      createConnection: () => socket,
      maxHeaderListPairs: this.#headerBytes / 32,
      settings: { enablePush: false, maxHeaderListSize: this.#headerBytes },
    });
    this.#sessions.add(session);
    this.#count(1);
    this.#settled.set(
      session,
      new Promise((resolve) => {
        session.once('remoteSettings', () => resolve());
        session.once('close', () => resolve());
      }),
    );
    // Its streams hear of it, and through them their calls.
    session.on('error', ignore);
    session.on('goaway', () => this.#sessions.delete(session));
    session.once('close', () => {
      this.#sessions.delete(session);
      this.#count(-1);
    });
    session.setTimeout(this.#idle, () => {
      if (streamsOf(session) === 0) session.close();
    });
    return session;
  }

  /** Whether a stream of it may speak another protocol (extended CONNECT). A client must have been told before it asks. */
  async canSwitch(session: ClientHttp2Session): Promise<boolean> {
    await this.#settled.get(session);
    return !session.destroyed && session.remoteSettings.enableConnectProtocol === true;
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}

/** Counted by us: Node does not say how many there are. */
const open = new WeakMap<ClientHttp2Session, number>();
const streamsOf = (session: ClientHttp2Session): number => open.get(session) ?? 0;

/** To be told of each stream that begins and ends. */
export function countStream(session: ClientHttp2Session, change: number): void {
  open.set(session, streamsOf(session) + change);
}

const ignore = (): void => undefined;

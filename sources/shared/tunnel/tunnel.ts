import type { Duplex } from 'node:stream';
import type { ExchangeError, SourceContext } from '#source';

/** What went through a tunnel, and how it ended. */
export interface TunnelOutcome {
  /** Bytes that the client sent. */
  readonly bytesIn: number;
  /** Bytes that were written to the client. */
  readonly bytesOut: number;
  /** Undefined: both sides ended it. */
  readonly error: ExchangeError | undefined;
}

export interface Tunnel {
  /** Never rejects: how it failed is in the outcome. */
  readonly ended: Promise<TunnelOutcome>;
  /** Breaks it, for the reason given. */
  cut(reason: ExchangeError): void;
}

export interface Terms {
  /** Milliseconds after which a tunnel in which no byte moved is cut, within a quarter more. */
  readonly idleTimeout: number;
  readonly clock: SourceContext['clock'];
}

interface Side {
  readonly stream: Duplex;
  /** For people: who it is. */
  readonly name: string;
  /** So that the other end hears of it. */
  breakOff(): void;
  /** A stream that is reset may still say that both directions have ended; left out: this one does not. */
  isReset?(): boolean;
}

interface Sides {
  readonly client: Side;
  readonly server: Side;
  /** Of bytes; another number where some have moved. */
  moved(): number;
  counts(): Pick<TunnelOutcome, 'bytesIn' | 'bytesOut'>;
}

/** So often is looked whether something moved, within the time of being idle. */
const looks = 4;

/** Watches two sides that are joined until both have closed. Where one breaks, the other is broken, too. */
export function watchTunnel(sides: Sides, terms: Terms): Tunnel {
  let error: ExchangeError | undefined;
  const cut = (reason: ExchangeError): void => {
    error ??= reason;
    sides.client.breakOff();
    sides.server.breakOff();
  };
  const closed = (side: Side): Promise<void> =>
    new Promise((resolve) => {
      const { stream, name } = side;
      const onClose = (): void => {
        if (side.isReset?.() === true || !stream.readableEnded || !stream.writableFinished)
          cut(brokenBy(name));
        resolve();
      };
      stream.on('error', (cause) => cut(brokenBy(name, cause)));
      // It may have gone while the other one was connected to.
      if (stream.closed) onClose();
      else stream.once('close', onClose);
    });
  const bothClosed = Promise.all([closed(sides.client), closed(sides.server)]);
  const forget = watchForMovement(
    () => sides.moved(),
    terms,
    () => cut({ kind: 'timeout', words: `no byte moved for ${terms.idleTimeout / 1000} s` }),
  );
  return {
    cut,
    ended: bothClosed.then(() => {
      forget();
      return { ...sides.counts(), error };
    }),
  };
}

/** Looks now and then instead of at every byte. What it returns ends it. */
function watchForMovement(
  moved: () => number,
  { idleTimeout, clock }: Terms,
  isIdle: () => void,
): () => void {
  let last = moved();
  let still = 0;
  let callOff = (): void => undefined;
  const look = (): void => {
    const now = moved();
    still = now === last ? still + 1 : 0;
    last = now;
    if (still >= looks) isIdle();
    else again();
  };
  const again = (): void => {
    callOff = clock.after((idleTimeout / looks) as Parameters<typeof clock.after>[0], look);
  };
  again();
  return () => callOff();
}

function brokenBy(who: string, cause?: NodeJS.ErrnoException): ExchangeError {
  const code = cause?.code === undefined ? '' : ` (${cause.code})`;
  return { kind: 'reset', words: `${who} broke the connection${code}` };
}

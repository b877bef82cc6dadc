import type { Endpoint } from '#source';
import type { RawHeaders } from '../headers.ts';
import type { UpstreamEvents, UpstreamSide } from '../sides.ts';

/** An upstream whose connection must be there before it is known how it is spoken to. It holds one chunk at most. */
export class LateUpstream implements UpstreamSide {
  readonly #events: UpstreamEvents;
  #side: UpstreamSide | undefined;
  #held: Uint8Array | undefined;
  #trailers: RawHeaders | undefined;
  #isOver = false;

  constructor(arriving: Promise<() => UpstreamSide>, events: UpstreamEvents) {
    this.#events = events;
    arriving
      .then((send) => this.#arrived(send))
      .catch((error: unknown) => {
        if (this.#isOver) return;
        this.#isOver = true;
        events.onFailure(error instanceof Error ? error : new Error(String(error)));
      });
  }

  get server(): Endpoint | undefined {
    return this.#side?.server;
  }

  get isReused(): boolean {
    return this.#side?.isReused ?? false;
  }

  write(chunk: Uint8Array): boolean {
    if (this.#side !== undefined) return this.#side.write(chunk);
    this.#held = this.#held === undefined ? chunk : Buffer.concat([this.#held, chunk]);
    return false;
  }

  end(trailers: RawHeaders, chunk?: Uint8Array): void {
    if (this.#side !== undefined) {
      this.#side.end(trailers, chunk);
      return;
    }
    if (chunk !== undefined) this.write(chunk);
    this.#trailers = trailers;
  }

  resume(): void {
    this.#side?.resume();
  }

  abort(): void {
    this.#isOver = true;
    this.#side?.abort();
  }

  #arrived(send: () => UpstreamSide): void {
    if (this.#isOver) return;
    this.#side = send();
    const wantsMore = this.#held === undefined || this.#side.write(this.#held);
    this.#held = undefined;
    if (this.#trailers !== undefined) this.#side.end(this.#trailers);
    else if (wantsMore) this.#events.onDrain();
  }
}

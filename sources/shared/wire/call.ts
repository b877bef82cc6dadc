import type { ExchangeError, RequestSeen, ResponseSeen } from '#source';
import { Body } from './body.ts';
import type { Scene, Seen } from './talk.ts';

type RequestFacts = Omit<RequestSeen, 'body'>;
type ResponseFacts = Omit<ResponseSeen, 'body'>;

/** Names and values of one answer, trailers included. */
const mostTrailers = 2000;

/** A request, and its answer as it comes. What is kept of it counts in the tally until it is emitted. */
export class Call {
  isRequestDone = false;
  isResponseDone = false;
  response: ResponseFacts | undefined;
  readonly request: RequestFacts;
  readonly requestBody: Body;
  responseBody: Body | undefined;
  /** Whether the operator's filters let it pass. */
  readonly passes: boolean;
  readonly #scene: Scene;
  readonly #startedAt: number;
  #sentAt: number;
  #answeredAt = 0;
  #endedAt: number;
  #headBytes: number;
  #answerHeadBytes = 0;

  constructor(
    scene: Scene,
    request: RequestFacts,
    at: { readonly startedAt: number; readonly time: number; readonly headBytes: number },
  ) {
    this.#scene = scene;
    this.request = request;
    this.passes = scene.counts.request(request.host, request.target);
    this.requestBody = this.#body();
    this.#startedAt = at.startedAt;
    this.#sentAt = at.time;
    this.#endedAt = at.time;
    this.#headBytes = at.headBytes;
    scene.tally.held += at.headBytes;
  }

  requestDone(time: number): void {
    this.isRequestDone = true;
    this.#sentAt = time;
  }

  answer(
    response: ResponseFacts,
    at: { readonly startedAt: number; readonly headBytes: number },
  ): void {
    this.response = response;
    this.responseBody = this.#body();
    this.#answeredAt = at.startedAt;
    this.#endedAt = at.startedAt;
    this.#answerHeadBytes = at.headBytes;
    this.#scene.tally.held += at.headBytes;
    this.#scene.counts.response(this.passes);
  }

  /** Headers behind the body of the answer: they stand behind its others. */
  trailers(rawHeaders: readonly string[]): void {
    if (this.response === undefined || rawHeaders.length > mostTrailers) return;
    const all = [...this.response.rawHeaders, ...rawHeaders];
    this.response = { ...this.response, rawHeaders: all.slice(0, mostTrailers) };
  }

  responseDone(time: number): void {
    this.isResponseDone = true;
    this.#endedAt = time;
  }

  /** Nothing more comes of it. */
  emit(error?: ExchangeError): void {
    const { request, requestBody, response, responseBody } = this;
    if (this.passes) {
      const seen: Seen = {
        startedAt: this.#startedAt,
        latency: {
          total: Math.max(0, this.#endedAt - this.#startedAt),
          upstream: response === undefined ? 0 : Math.max(0, this.#answeredAt - this.#sentAt),
          gateway: 0,
        },
        // Each member by itself: spreading costs as much as reading the head does.
        request: {
          method: request.method,
          target: request.target,
          host: request.host,
          rawHeaders: request.rawHeaders,
          httpVersion: request.httpVersion,
          body: requestBody.copy(),
        },
        response:
          response === undefined || responseBody === undefined
            ? undefined
            : {
                status: response.status,
                reason: response.reason,
                rawHeaders: response.rawHeaders,
                httpVersion: response.httpVersion,
                body: responseBody.copy(),
              },
        bytesIn: this.#headBytes + requestBody.length,
        bytesOut: this.#answerHeadBytes + (responseBody?.length ?? 0),
        error,
      };
      this.#scene.emit(seen);
    }
    requestBody.release();
    responseBody?.release();
    this.#scene.tally.held -= this.#headBytes + this.#answerHeadBytes;
  }

  #body(): Body {
    return new Body(this.passes ? this.#scene.bodyLimit : 0, this.#scene.copies);
  }
}

/*
 * One call: a request whose head is there, what the source decided, and both bodies on their way. The states, in order:
 *
 *   deciding   the source is asked
 *   waiting    the request goes to the upstream; its answer's head is not there
 *   answering  the answer goes to the client; the request may still be coming
 *   ended      nothing more goes to the client, and the exchange is recorded
 *
 * A body is never held: a side that takes no more stops the other one from reading. An answer that is cut must look cut
 * to the client, so its connection is broken; only an answer that is whole ends.
 *
 * Longer than other files, because each step may follow on almost every other.
 */
import type { Duplex } from 'node:stream';
import { explain } from '#source';
import { answerOf } from './answer.ts';
import { BodyKeeper } from './body-keeper.ts';
import type { CallOfConnection } from './connection.ts';
import type { Decision, SourceAnswer, UpstreamFailure } from './decision.ts';
import { endCall } from './end-call.ts';
import type { RawHeaders } from './headers.ts';
import { answerHeaders } from './outgoing-headers.ts';
import type { CallUnderWay, RelayParts } from './parts.ts';
import { RequestFlow } from './request-flow.ts';
import type { AnswerHead, ClientSide, UpstreamEvents, UpstreamSide } from './sides.ts';
import { Stall } from './stall.ts';
import { tunnel } from './switch.ts';
import { failureOf, statusOf } from './upstream/failure.ts';

type Forward = Extract<Decision, { kind: 'forward' }>;
export type CallState = 'deciding' | 'waiting' | 'answering' | 'ended';

/** Answers of these may be sent for again: asking twice does what asking once does (RFC 9110, 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** How long a client that waits for a 100 is left waiting for the upstream's. */
const continueAfter = 1000;

export class Call implements UpstreamEvents, CallOfConnection, CallUnderWay {
  readonly client: ClientSide;
  readonly startedAt: number;
  readonly started: number;
  readonly requestBody: BodyKeeper;
  readonly answerBody: BodyKeeper;
  state: CallState = 'deciding';
  decision: Decision | undefined;
  answer: AnswerHead | undefined;
  error: UpstreamFailure | undefined;
  /** Milliseconds that the upstream took to the head of its answer. */
  upstreamTime: number | undefined;
  readonly #parts: RelayParts;
  readonly #request: RequestFlow;
  readonly #stall = new Stall();
  #upstream: UpstreamSide | undefined;
  #sentAt = 0;
  /** Among all calls under way, and among those of the connection. */
  #place = 0;
  #placeInConnection = 0;
  #isRetried = false;
  /** The whole answer was handed to the client's side. */
  #isAnswered = false;
  /** It speaks another protocol by now. */
  #isTunnel = false;
  #isClientBlocked = false;

  constructor(client: ClientSide, parts: RelayParts) {
    const { clock, isRecording, bodyLimit, copies } = parts.context;
    this.client = client;
    this.#parts = parts;
    this.startedAt = clock.now();
    this.started = clock.elapsed();
    this.requestBody = new BodyKeeper(isRecording ? bodyLimit : 0, copies);
    this.answerBody = new BodyKeeper(isRecording ? bodyLimit : 0, copies);
    this.#request = new RequestFlow(client, this.requestBody, () => {
      // The upstream's time to answer begins when it has everything.
      if (this.state === 'waiting') this.#sentAt = clock.elapsed();
    });
  }

  begin(): void {
    this.#place = this.#parts.calls.take(this);
    this.#placeInConnection = this.client.connection.calls.take(this);
    this.client.onDone((isWhole) => {
      if (isWhole) this.#end();
      else this.clientGone();
    });
    try {
      const decision = this.#parts.decide(this.client.head);
      if (decision instanceof Promise)
        decision.then(
          (made) => this.#obey(made),
          (error: unknown) => this.#failInside(error),
        );
      else this.#obey(decision);
    } catch (error) {
      this.#failInside(error);
    }
  }

  clientGone(): void {
    // A tunnel sees by itself how it ends.
    if (this.state === 'ended' || this.#isTunnel) return;
    this.error ??= { kind: 'aborted', words: 'the client left before its answer was complete' };
    this.#end();
  }

  sweep(passed: number): void {
    const { clock } = this.#parts.context;
    const { limits } = this.#parts;
    const waited = this.state === 'waiting' ? clock.elapsed() - this.#sentAt : 0;
    if (this.client.expectsContinue && !this.#request.isReading && waited > continueAfter) {
      this.client.inform(100, []);
      this.#request.read();
    }
    const bound = this.decision?.kind === 'forward' ? this.decision.timeout : undefined;
    if (bound !== undefined && waited > bound && this.#request.isComplete) {
      this.#failUpstream({
        kind: 'timeout',
        words: `the upstream did not begin to answer within ${bound / 1000} s`,
      });
      return;
    }
    const stalled = this.#stall.stalledFor(
      passed,
      this.requestBody.length + this.answerBody.length,
    );
    const who = this.#waitsFor();
    if (who === 'client' && stalled > limits.clientStall) this.#giveClientUp(limits.clientStall);
    else if (who === 'upstream' && stalled > limits.upstreamStall)
      this.#failUpstream({
        kind: 'timeout',
        words: `the upstream neither took nor sent a byte for ${limits.upstreamStall / 1000} s`,
      });
  }

  cut(): void {
    this.error ??= {
      kind: 'aborted',
      words: 'the proxy was stopped before the answer was complete',
    };
    this.client.cut();
    this.#end();
  }

  // What the upstream says.

  onInform(status: number, rawHeaders: RawHeaders): void {
    if (status !== 100) this.client.inform(status, answerHeaders(status, rawHeaders, undefined));
    else if (this.client.expectsContinue && !this.#request.isReading) {
      this.client.inform(100, []);
      this.#request.read();
    }
  }

  onHead(answer: AnswerHead): void {
    const further = this.decision?.kind === 'forward' ? this.decision.answerHeaders : undefined;
    this.#tookUpstream();
    const { status, reason, rawHeaders, length, httpVersion, isWhole } = answer;
    // Written out, as everywhere where it is done for each call: a spread costs as much as a header.
    this.#respond({
      status,
      reason,
      rawHeaders: answerHeaders(status, rawHeaders, further),
      length,
      httpVersion,
      isWhole,
    });
  }

  onData(chunk: Uint8Array): boolean {
    this.answerBody.take(chunk);
    if (this.#isAnswered) return true;
    const { length } = this.answer ?? {};
    if (length !== undefined && this.answerBody.length >= length) {
      // With its last bytes, which spares a write; there are no trailers where there is a length.
      this.#answered(chunk, []);
      return true;
    }
    if (this.client.write(chunk)) return true;
    this.#isClientBlocked = true;
    this.client.onDrain(() => {
      this.#isClientBlocked = false;
      this.#upstream?.resume();
    });
    return false;
  }

  onEnd(trailers: RawHeaders): void {
    this.#answered(undefined, trailers);
    // Early: what is left of the request has nowhere to go. The connection that it went over cannot be used again.
    if (!this.#request.isComplete) {
      this.#upstream?.abort();
      this.#request.discard(this.#parts.context.clock);
    }
  }

  onDrain(): void {
    this.#request.resume();
  }

  onSwitch(head: AnswerHead, socket: Duplex, first: Buffer): void {
    this.#tookUpstream();
    this.answer = head;
    this.state = 'answering';
    this.#isAnswered = true;
    this.#isTunnel = true;
    tunnel({ client: this.client, head, socket, first, parts: this.#parts }, (outcome) => {
      this.requestBody.length += outcome.bytesIn;
      this.answerBody.length += outcome.bytesOut;
      this.error ??= outcome.error;
      this.#end();
    });
  }

  onFailure(error: Error): void {
    if (this.state === 'ended') return;
    if (this.#canAskAgain()) {
      this.#isRetried = true;
      this.#parts.meter.retried();
      this.#send(this.decision as Forward, true);
      return;
    }
    const { decision } = this;
    if (decision?.kind === 'forward') this.#failUpstream(failureOf(error, decision.upstream));
  }

  get server(): UpstreamSide['server'] {
    return this.#upstream?.server;
  }

  #obey(decision: Decision): void {
    if (this.state === 'ended') {
      // The client has left meanwhile; whoever counts calls has begun to count this one.
      if (decision.kind === 'forward') decision.onEnd?.({ status: undefined, error: this.error });
      return;
    }
    this.decision = decision;
    if (decision.kind === 'answer') {
      this.error = decision.error;
      this.#answerBySource(decision);
    } else this.#send(decision, false);
  }

  #send(decision: Forward, isFresh: boolean): void {
    this.state = 'waiting';
    this.#sentAt = this.#parts.context.clock.elapsed();
    try {
      this.#upstream = this.#parts.upstreams.send(decision, this.client, this, isFresh);
    } catch (error) {
      // A character that no head may have: of the client's, for the source's own were declared wrong at start.
      this.#failUpstream({
        kind: 'protocol',
        words: `the request cannot be sent: ${explain(error)}`,
      });
      return;
    }
    this.#request.start(this.#upstream);
  }

  #respond(answer: AnswerHead): void {
    this.state = 'answering';
    this.answer = answer;
    // A client that still waits for a 100 may send the body or not: nobody knows what its next bytes are.
    const isUncertain = this.client.expectsContinue && !this.#request.isReading;
    const most = this.#parts.limits.requestsPerConnection;
    const isSpent = most > 0 && this.client.connection.requests >= most;
    this.client.respond(answer, isUncertain || isSpent || this.#parts.isClosing);
  }

  #answered(chunk: Uint8Array | undefined, trailers: RawHeaders): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.client.end(chunk, trailers);
  }

  #answerBySource({ status, headers, body }: SourceAnswer): void {
    const bytes = Buffer.from(body);
    this.#respond({
      status,
      reason: '',
      rawHeaders: headers,
      length: bytes.length,
      httpVersion: '1.1',
    });
    this.answerBody.take(bytes);
    this.#answered(bytes, []);
    this.#request.discard(this.#parts.context.clock);
  }

  /** The head is not there, nothing of a body was touched, and asking twice does no harm. */
  #canAskAgain(): boolean {
    return (
      this.state === 'waiting' &&
      !this.#isRetried &&
      this.#upstream?.isReused === true &&
      !this.#request.isReading &&
      idempotent.has(this.client.head.method)
    );
  }

  #failUpstream(failure: UpstreamFailure): void {
    this.error ??= failure;
    this.#upstream?.abort();
    if (this.state === 'answering') {
      // Its head has been sent, so the client must see that the rest is missing.
      this.client.cut();
      this.#end();
      return;
    }
    const answerFailure =
      this.decision?.kind === 'forward' ? this.decision.answerFailure : undefined;
    const own = (): SourceAnswer =>
      answerOf(statusOf(failure), sentence(failure.words), { head: this.client.head });
    try {
      this.#answerBySource((answerFailure ?? own)(failure));
    } catch (error) {
      this.#failInside(error);
    }
  }

  /** A bug in the source, or in us. */
  #failInside(error: unknown): void {
    this.#parts.context.log.error(
      { reason: explain(error) },
      'A request could not be decided about; it is answered with 500',
    );
    this.error ??= { kind: 'internal', words: 'the source could not decide about the request' };
    if (this.state === 'ended') return;
    this.#upstream?.abort();
    this.#answerBySource(answerOf(500, 'The proxy failed.', { head: this.client.head }));
  }

  #giveClientUp(time: number): void {
    this.error ??= {
      kind: 'slow_client',
      words: `the client neither took nor sent a byte for ${time / 1000} s`,
    };
    this.#upstream?.abort();
    if (this.state === 'answering') {
      this.client.cut();
      this.#end();
    } else
      this.#answerBySource(
        answerOf(408, 'The request did not arrive in time.', { head: this.client.head }),
      );
  }

  /** Undefined: for nobody whose silence has a bound here. */
  #waitsFor(): 'client' | 'upstream' | undefined {
    if (this.#isTunnel) return undefined;
    if (this.#isClientBlocked || this.#isAnswered) return 'client';
    if (this.#request.isBlocked) return 'upstream';
    if (this.state === 'answering') return 'upstream';
    if (this.state === 'waiting' && !this.#request.isComplete && this.#request.isReading)
      return 'client';
    return undefined;
  }

  #tookUpstream(): void {
    this.upstreamTime = this.#parts.context.clock.elapsed() - this.#sentAt;
  }

  #end(): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.#parts.calls.leave(this.#place);
    this.client.connection.calls.leave(this.#placeInConnection);
    if (!this.#isAnswered) this.#upstream?.abort();
    endCall(this, this.#parts);
  }
}

/** As a client reads it. */
const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;

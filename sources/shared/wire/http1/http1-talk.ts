/*
 * HTTP/1: requests of one side, answers of the other, paired in their order. Where the thread is lost (it began before us, bytes
 * are missing, a message that makes no sense), both sides are found again where a packet begins with a message: the client's
 * first, and then the first answer of which the server says that it had this request.
 */
import type { Body } from '../body.ts';
import { Call } from '../call.ts';
import { Http2Talk } from '../http2/http2-talk.ts';
import { distance } from '../sequence.ts';
import { looksLikeRequest, looksLikeResponse } from '../sniff.ts';
import {
  type Ending,
  errorOf,
  ignored,
  type Scene,
  type Side,
  type Stretch,
  type Talk,
} from '../talk.ts';
import { framingOf, type Head, parseRequestLine, parseStatusLine, untilClose } from './head.ts';
import { type MessageEvents, MessageReader, malformed, otherwise } from './message-reader.ts';

/** Requests that wait for their answers, on one connection. */
const mostCalls = 1000;

/** What its two readers see it takes itself, not by functions of its own: there may be many thousands of it. */
export class Http1Talk implements Talk, MessageEvents {
  readonly #scene: Scene;
  #readers: readonly [MessageReader, MessageReader];
  /** In the order of the requests. The first has no answer, or not all of it. */
  #calls: Call[] = [];
  /** The call whose answer is read; undefined: none, or one without a request. */
  #answering: Call | undefined;
  #isLost: [boolean, boolean];
  /** Where the client's side was found again. */
  #foundAt = 0;

  /** `isFromStart` false: the thread is to be found first. */
  constructor(scene: Scene, isFromStart: boolean) {
    this.#scene = scene;
    this.#isLost = [!isFromStart, !isFromStart];
    this.#readers = this.#newReaders();
  }

  data(from: Side, stretch: Stretch): void {
    if (this.#isLost[from] && !this.#find(from, stretch)) return;
    const at = this.#readers[from].read(stretch);
    if (at < 0) {
      this.#scene.counts.unparsed();
      this.#lose();
    } else if (at < stretch.end) {
      stretch.sequence = (stretch.sequence + at - stretch.start) >>> 0;
      stretch.start = at;
      this.#scene.pass(from, stretch);
    }
  }

  gap(from: Side, length: number, time: number): void {
    if (!this.#isLost[from] && !this.#readers[from].skip(length, time)) this.#lose();
  }

  finish(from: Side, time: number): void {
    if (!this.#isLost[from]) this.#readers[from].finish(time);
  }

  close(ending: Ending): void {
    for (const reader of this.#readers) reader.close();
    for (const call of this.#calls) call.emit(errorOf(ending));
    this.#calls = [];
  }

  head(from: Side, head: Head, length: number, startedAt: number, time: number): number {
    return from === 0
      ? this.#request(head, length, startedAt, time)
      : this.#response(head, length, startedAt);
  }

  body(from: Side, bytes: Buffer, start: number, end: number): void {
    this.#body(from)?.take(bytes, start, end);
  }

  hole(from: Side, length: number): void {
    this.#body(from)?.hole(length);
  }

  end(from: Side, time: number): void {
    if (from === 0) this.#calls.at(-1)?.requestDone(time);
    else {
      this.#answering?.responseDone(time);
      this.#answering = undefined;
    }
    this.#emitDone();
  }

  /** Where the bytes of a message's body go. */
  #body(from: Side): Body | undefined {
    return from === 0 ? this.#calls.at(-1)?.requestBody : this.#answering?.responseBody;
  }

  #newReaders(): readonly [MessageReader, MessageReader] {
    const { tally } = this.#scene;
    return [new MessageReader(0, this, tally), new MessageReader(1, this, tally)];
  }

  /** Gives how long the request's body is. */
  #request(
    { start, rawHeaders }: Head,
    headBytes: number,
    startedAt: number,
    time: number,
  ): number {
    const line = parseRequestLine(start);
    const framing = framingOf(rawHeaders);
    if (line === undefined || framing === undefined || this.#calls.length >= mostCalls)
      return malformed;
    // Where a request's body ends, the client must say.
    if (framing.length === untilClose) return malformed;
    const host = line.method === 'CONNECT' ? line.target : (hostOf(line.target) ?? framing.host);
    const { method, target, httpVersion } = line;
    const request = { method, target, httpVersion, host, rawHeaders };
    this.#calls.push(new Call(this.#scene, request, { startedAt, time, headBytes }));
    return line.method === 'CONNECT' ? 0 : (framing.length ?? 0);
  }

  /** Gives how long the answer's body is. */
  #response({ start, rawHeaders }: Head, headBytes: number, startedAt: number): number {
    const line = parseStatusLine(start);
    const framing = framingOf(rawHeaders);
    if (line === undefined || framing === undefined) return malformed;
    const { status, reason, httpVersion } = line;
    // The answer is still to come.
    if (status < 200 && status !== 101) return 0;
    const call = this.#calls.find(({ response }) => response === undefined);
    // To HTTP/2, which answers this very request.
    const goesOn = status === 101 && framing.upgrade === 'h2c' ? call : undefined;
    this.#answering = call;
    if (call === undefined) this.#scene.counts.responseWithoutRequest();
    else if (goesOn === undefined)
      call.answer({ status, reason, httpVersion, rawHeaders }, { startedAt, headBytes });
    const method = call?.request.method;
    if (goesOn !== undefined) this.#goOn(goesOn, startedAt);
    else if (status === 101 || (method === 'CONNECT' && status < 300))
      this.#leave(call, framing.upgrade, startedAt);
    if (status === 101 || (method === 'CONNECT' && status < 300)) return otherwise;
    if (method === 'HEAD' || status === 204 || status === 304) return 0;
    return framing.length ?? untilClose;
  }

  /** The connection is HTTP/2 from here on. */
  #goOn(call: Call, time: number): void {
    this.#calls = this.#calls.filter((each) => each !== call);
    call.requestDone(time);
    this.close('lost');
    this.#scene.become(new Http2Talk(this.#scene, call));
  }

  /** The connection is something else from here on. */
  #leave(call: Call | undefined, upgrade: string, time: number): void {
    call?.requestDone(time);
    call?.responseDone(time);
    this.#emitDone();
    this.close('lost');
    if (call?.request.method === 'CONNECT') this.#scene.lookAgain();
    else {
      this.#scene.counts.recognise(/^[a-z\d./-]{1,32}$/.test(upgrade) ? upgrade : 'upgraded');
      this.#scene.become(ignored);
    }
  }

  #emitDone(): void {
    for (;;) {
      const [first] = this.#calls;
      if (first === undefined || !first.isRequestDone || !first.isResponseDone) return;
      this.#calls.shift();
      first.emit();
    }
  }

  #lose(): void {
    this.close('lost');
    this.#answering = undefined;
    this.#isLost = [true, true];
    this.#readers = this.#newReaders();
  }

  /** Whether the thread is found again with what begins here. */
  #find(from: Side, stretch: Stretch): boolean {
    const { bytes, start, end, acknowledged, sequence } = stretch;
    if (from === 0 && looksLikeRequest(bytes, start, end)) {
      this.#isLost[0] = false;
      this.#foundAt = sequence;
      return true;
    }
    if (from === 1 && looksLikeResponse(bytes, start, end)) {
      const isOfOurs = acknowledged === undefined || distance(this.#foundAt, acknowledged) > 0;
      if (!this.#isLost[0] && isOfOurs) {
        this.#isLost[1] = false;
        return true;
      }
      this.#scene.counts.responseWithoutRequest();
      return false;
    }
    this.#scene.counts.unparsed();
    return false;
  }
}

/** Of a target that is a URL. */
function hostOf(target: string): string | undefined {
  if (target.startsWith('/')) return undefined;
  const [, authority] = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(target) ?? [];
  return authority?.replace(/^.*@/, '');
}

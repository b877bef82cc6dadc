import type { Duplex } from 'node:stream';
import type { Endpoint } from '#source';
import type { Connection } from './connection.ts';
import type { Head } from './head.ts';
import type { RawHeaders } from './headers.ts';

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly reason: string;
  readonly rawHeaders: RawHeaders;
  /** Bytes of its body, where the head says so. */
  readonly length: number | undefined;
  readonly httpVersion: string;
  /** Nothing follows, no body and no trailers. In HTTP/2 the head says so, and clients of gRPC read the status of a call from such heads alone. */
  readonly isWhole?: boolean | undefined;
}

/** Takes the body of a request. */
export interface BodySink {
  onBody(chunk: Buffer): void;
  onBodyEnd(): void;
}

/** The client's side of a call, whatever protocol it speaks. */
export interface ClientSide {
  readonly connection: Connection;
  readonly head: Head;
  readonly hasBody: boolean;
  /** Lets the body come; asked for once, and only where there is one. */
  readBody(sink: BodySink): void;
  /** Nothing more of the body is read until `resumeBody`: what comes stays with the kernel, and so with the client. */
  pauseBody(): void;
  resumeBody(): void;
  /** Undefined: unknown, or there is none. */
  readonly contentLength: number | undefined;
  /** It waits for a 100 before it sends the body. */
  readonly expectsContinue: boolean;
  /** What it wants to speak instead of HTTP; undefined: nothing else. */
  readonly upgrade: string | undefined;
  /** Of the request; there are some only when its body has ended. */
  trailers(): RawHeaders;
  /** An answer of 1xx. */
  inform(status: number, rawHeaders: RawHeaders): void;
  /** The head of the answer; `isLast`: the connection ends with it. */
  respond(head: AnswerHead, isLast: boolean): void;
  /** False: `onDrain` is called when more is welcome. */
  write(chunk: Uint8Array): boolean;
  end(chunk: Uint8Array | undefined, trailers: RawHeaders): void;
  onDrain(act: () => void): void;
  /** Calls once, when the answer is over: all of it is on its way, or nobody is there to take the rest. */
  onDone(act: (isWhole: boolean) => void): void;
  /** The connection is now the protocol's that was asked for; `first`: what the client sent of it already. */
  switchProtocol(head: AnswerHead): { readonly socket: Duplex; readonly first: Buffer };
  /** Lets the client see that the answer was cut. */
  cut(): void;
}

/** What an upstream says. After `onFailure` or `onEnd` nothing else comes. */
export interface UpstreamEvents {
  onInform(status: number, rawHeaders: RawHeaders): void;
  onHead(head: AnswerHead): void;
  /** Returns false where no more is wanted until `resume`. */
  onData(chunk: Uint8Array): boolean;
  onEnd(trailers: RawHeaders): void;
  onDrain(): void;
  /** It has agreed to another protocol. */
  onSwitch(head: AnswerHead, socket: Duplex, first: Buffer): void;
  onFailure(error: Error): void;
}

/** The upstream's side of a call. */
export interface UpstreamSide {
  /** Whom it is connected to; undefined: not yet. */
  readonly server: Endpoint | undefined;
  /** The connection had served others before: it may have been closed just now. */
  readonly isReused: boolean;
  /** False: `onDrain` comes when more is welcome. */
  write(chunk: Uint8Array): boolean;
  /** `chunk`: the last of the body. */
  end(trailers: RawHeaders, chunk?: Uint8Array): void;
  /** Lets the answer come on. */
  resume(): void;
  /** Nobody wants the answer, or the rest of it; nothing else is heard of it. */
  abort(): void;
}

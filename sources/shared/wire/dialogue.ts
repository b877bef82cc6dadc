/*
 * One connection: what it speaks is recognised by its first bytes, and given to whoever reads that. Of one whose beginning was
 * not seen, each packet is looked at until one begins with something.
 */

import type { Ending, Side, Stretch } from './conversation.ts';
import { Http1Talk } from './http1/http1-talk.ts';
import { Http2Talk } from './http2/http2-talk.ts';
import {
  enough,
  isWishForTls,
  looksLikeResponse,
  looksLikeTls,
  recogniseClient,
  recogniseServer,
} from './sniff.ts';
import { ignored, type Scene, type Talk, unread } from './talk.ts';
import { TlsTalk } from './tls/tls-talk.ts';

/** Segments that are looked at before a connection is taken for one that nobody can read. */
const patience = 64;

type DialogueParts = Omit<Scene, 'become' | 'lookAgain' | 'pass' | 'inside'>;

export class Dialogue implements Talk {
  readonly #scene: Scene;
  #isFromStart: boolean;
  #talk: Talk | undefined;
  /** The client's first bytes, where they were too few to say. */
  #early: Buffer | undefined;
  #looks = 0;

  readonly #isInside: boolean;

  /** `isInside`: within another one, whose segments were counted there. */
  constructor(parts: DialogueParts, isFromStart: boolean, isInside = false) {
    this.#isInside = isInside;
    this.#isFromStart = isFromStart;
    // Field by field: a copy of them all would be an object of its own kind for each connection, and large.
    this.#scene = {
      counts: parts.counts,
      tally: parts.tally,
      bodyLimit: parts.bodyLimit,
      copies: parts.copies,
      handshake: parts.handshake,
      emit: parts.emit,
      secrets: parts.secrets,
      decryption: (outcome) => {
        parts.counts.decryption(outcome);
        parts.decryption(outcome);
      },
      inside: (tls) =>
        new Dialogue(
          { ...parts, emit: (seen, deeper) => parts.emit(seen, deeper ?? tls) },
          true,
          true,
        ),
      become: (talk) => {
        this.#talk = talk;
      },
      lookAgain: () => {
        this.#talk = undefined;
        this.#isFromStart = true;
        this.#looks = 0;
      },
      pass: (from, stretch) => this.#give(from, stretch),
    };
  }

  data(from: Side, stretch: Stretch): void {
    if (!this.#isInside) this.#scene.counts.segment();
    this.#give(from, stretch);
  }

  gap(from: Side, length: number, time: number): void {
    if (this.#talk === undefined) {
      this.#isFromStart = false;
      if (from === 0) this.#dropEarly();
    } else this.#talk.gap(from, length, time);
  }

  finish(from: Side, time: number): void {
    this.#talk?.finish(from, time);
  }

  close(ending: Ending, time: number): void {
    this.#talk?.close(ending, time);
    this.#dropEarly();
    if (!this.#isInside) this.#scene.counts.close();
  }

  #give(from: Side, stretch: Stretch): void {
    if (this.#talk === undefined) this.#look(from, stretch);
    else this.#talk.data(from, stretch);
  }

  #look(from: Side, stretch: Stretch): void {
    if (from === 1) {
      this.#lookAtServer(stretch);
      return;
    }
    if (this.#early !== undefined) {
      const { bytes, start, end } = stretch;
      stretch.sequence = (stretch.sequence - this.#early.length) >>> 0;
      stretch.bytes = Buffer.concat([this.#early, bytes.subarray(start, end)]);
      stretch.start = 0;
      stretch.end = stretch.bytes.length;
      this.#early = undefined;
    }
    const { bytes, start, end } = stretch;
    const protocol = recogniseClient(bytes, start, end);
    if (protocol === 'more' && end - start < enough) {
      this.#early = Buffer.from(bytes.subarray(start, end));
      return;
    }
    this.#begin(protocol, from, stretch);
  }

  /** Nothing follows the client's first bytes, which were too few to say what they are. */
  #dropEarly(): void {
    if (this.#early !== undefined) this.#scene.counts.unparsed();
    this.#early = undefined;
  }

  #lookAtServer(stretch: Stretch): void {
    const { bytes, start, end } = stretch;
    // An answer to what nobody saw.
    if (!this.#isFromStart && looksLikeResponse(bytes, start, end))
      this.#begin('http1', 1, stretch);
    else this.#begin(recogniseServer(bytes, start, end), 1, stretch);
  }

  #begin(protocol: string | undefined, from: Side, stretch: Stretch): void {
    const { counts } = this.#scene;
    const { bytes, start, end } = stretch;
    switch (protocol) {
      case 'tls':
        this.#talk = new TlsTalk(this.#scene);
        break;
      case 'http1':
        this.#talk = new Http1Talk(this.#scene, this.#isFromStart);
        break;
      case 'http2':
        this.#talk = new Http2Talk(this.#scene);
        break;
      case undefined:
      case 'more':
        if (!this.#isFromStart && looksLikeTls(bytes, start, end)) {
          counts.recognise('tls');
          this.#talk = ignored;
        } else this.#unrecognised();
        return;
      case 'postgres':
        counts.recognise(protocol);
        // Behind one letter of the server's comes TLS.
        this.#talk = isWishForTls(bytes, start) ? this.#once() : ignored;
        return;
      default:
        counts.recognise(protocol);
        this.#talk = ignored;
        return;
    }
    this.#talk.data(from, stretch);
  }

  /** What the server says first is not looked at; what comes then is. */
  #once(): Talk {
    return { ...ignored, data: (from) => (from === 1 ? this.#scene.lookAgain() : undefined) };
  }

  #unrecognised(): void {
    this.#scene.counts.unparsed();
    // A client that has begun with something unknown does not begin anew; one that we came late to may.
    if (this.#isFromStart || ++this.#looks >= patience) this.#talk = unread(this.#scene);
  }
}

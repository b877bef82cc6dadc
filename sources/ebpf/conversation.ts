import type { CopyBudget, Direction, Endpoint, Exchange, TlsFacts } from '#source';
import type { Counting } from '../shared/diagnosis/counting.ts';
import type { Filters } from '../shared/diagnosis/filters.ts';
import { FlowCounts } from '../shared/diagnosis/flow-counts.ts';
import type { Ending, Side, Stretch, Tally } from '../shared/wire/conversation.ts';
import { Dialogue } from '../shared/wire/dialogue.ts';
import { looksLikeRequest, looksLikeResponse } from '../shared/wire/sniff.ts';
import { keptPiece, type Piece } from './loader/frames.ts';
import type { ProcessFacts } from './watch/processes.ts';
import { Traffic } from './workloads/traffic.ts';

export interface ConversationParts {
  readonly counting: Counting;
  readonly filters: Filters;
  readonly tally: Tally;
  readonly bodyLimit: number;
  readonly copies: CopyBudget | undefined;
  readonly directions: Readonly<Record<Direction, boolean>>;
  /** The process with this pid, as far as it is known. */
  readonly processOf: (pid: number) => ProcessFacts | undefined;
  /** Where what a process says is counted. */
  readonly trafficOf: (process: ProcessFacts) => Traffic;
  readonly record: (exchange: Exchange) => void;
}

/** How much is kept of a connection while nobody knows whom it is with. */
const mostEarly = 256 * 1024;

/** Where a side is not known: a program that uses no socket, or one that was not seen. */
const unknown: Endpoint = { address: '', port: 0 };

/** One connection of a watched process, from its pieces. Which side the process is on, what is said tells. */
export class Conversation {
  readonly pid: number;
  /** When it was put at the end of the line of all connections, by the clock of pieces. */
  movedAt = Number.NEGATIVE_INFINITY;
  readonly #parts: ConversationParts;
  /** How far each direction was seen: of what is read, and of what is written. */
  #seenRead = -1;
  #seenWritten = -1;
  readonly #process: ProcessFacts | undefined;
  readonly #traffic: Traffic;
  #dialogue: Dialogue | undefined;
  #isServer: boolean | undefined;
  #local: Endpoint | undefined;
  #remote: Endpoint | undefined;
  /** What was said before it was known with whom. */
  #early: { readonly piece: Piece; readonly time: number }[] = [];
  #earlyBytes = 0;

  constructor(pid: number, parts: ConversationParts) {
    this.pid = pid;
    this.#parts = parts;
    this.#process = parts.processOf(pid);
    this.#traffic = this.#process === undefined ? new Traffic() : parts.trafficOf(this.#process);
  }

  /** `time`: milliseconds since 1970. */
  take(piece: Piece, time: number): void {
    this.#local ??= piece.local;
    this.#remote ??= piece.remote;
    if (piece.kind === 'data') this.#count(piece);
    if (piece.kind === 'data' && this.#dialogue === undefined) this.#keep(piece, time);
    if (this.#dialogue === undefined && !this.#canBegin()) return;
    if (this.#dialogue === undefined) this.#begin();
    else if (piece.kind === 'data') this.#give(piece, time);
  }

  /** Nothing more is seen of it. */
  close(ending: Ending, time: number): void {
    if (ending === 'end' && this.#earlyBytes > 0) this.#begin();
    if (ending === 'end') for (const side of [0, 1] as const) this.#dialogue?.finish(side, time);
    this.#dialogue?.close(ending, time);
    this.#drop();
  }

  #count({ direction, start, end }: Piece): void {
    const traffic = this.#traffic;
    if (direction === 'read') {
      traffic.readPieces++;
      traffic.readBytes += end - start;
    } else {
      traffic.writtenPieces++;
      traffic.writtenBytes += end - start;
    }
  }

  #keep(piece: Piece, time: number): void {
    this.#isServer ??= isServer(piece);
    // Of a connection that was under way: its next request says who is who.
    if (this.#isServer === undefined) return;
    this.#early.push({ piece: keptPiece(piece), time });
    this.#earlyBytes += piece.end - piece.start;
    this.#parts.tally.held += piece.end - piece.start;
  }

  /** A socket is known by the first answer at the latest, or never. */
  #canBegin(): boolean {
    if (this.#early.length === 0) return false;
    const [first] = this.#early;
    return (
      this.#remote !== undefined ||
      this.#earlyBytes > mostEarly ||
      this.#early.some(({ piece }) => piece.direction !== first?.piece.direction)
    );
  }

  #begin(): void {
    this.#dialogue = this.#newDialogue();
    const early = this.#early;
    this.#drop();
    for (const { piece, time } of early) this.#give(piece, time);
  }

  #drop(): void {
    this.#parts.tally.held -= this.#earlyBytes;
    this.#early = [];
    this.#earlyBytes = 0;
  }

  #give(piece: Piece, time: number): void {
    const { direction, bytes, start, end, offset } = piece;
    const dialogue = this.#dialogue as Dialogue;
    const isRead = direction === 'read';
    const side: Side = isRead === this.#isServer ? 0 : 1;
    const expected = isRead ? this.#seenRead : this.#seenWritten;
    const other = isRead ? this.#seenWritten : this.#seenRead;
    if (expected >= 0 && offset > expected) {
      this.#parts.tally.lost.gap++;
      this.#traffic.unseenBytes += offset - expected;
      dialogue.gap(side, offset - expected, time);
    }
    if (isRead) this.#seenRead = offset + end - start;
    else this.#seenWritten = offset + end - start;
    lent.bytes = bytes;
    lent.start = start;
    lent.end = end;
    lent.time = time;
    lent.sequence = offset >>> 0;
    // One process sees both directions in their order, so whoever speaks has had what went before.
    lent.acknowledged = other < 0 ? undefined : other >>> 0;
    dialogue.data(side, lent);
  }

  #newDialogue(): Dialogue {
    const { counting, filters, tally, bodyLimit, copies, record, directions } = this.#parts;
    const direction = this.#isServer === true ? 'in' : 'out';
    const [local, remote] = [this.#local ?? unknown, this.#remote ?? unknown];
    const [client, server] = direction === 'in' ? [remote, local] : [local, remote];
    const call = callOf(this.#process);
    const traffic = this.#traffic;
    return new Dialogue(
      {
        counts: new FlowCounts(counting, filters, server),
        ...{ tally, bodyLimit, copies },
        handshake: () => undefined,
        secrets: undefined,
        decryption: () => undefined,
        emit(seen) {
          if (!directions[direction]) return;
          if (direction === 'in') traffic.callsIn++;
          else traffic.callsOut++;
          // Each member by itself: spreading costs as much as reading the head does.
          record({
            source: 'ebpf',
            direction,
            startedAt: seen.startedAt,
            latency: seen.latency,
            client,
            server: server === unknown ? undefined : server,
            scheme: 'https',
            tls: someTls,
            isOpaque: false,
            request: seen.request,
            response: seen.response,
            bytesIn: seen.bytesIn,
            bytesOut: seen.bytesOut,
            error: seen.error,
            call,
          });
        },
      },
      // It may have been there before the first call that was seen.
      false,
    );
  }
}

/** What was agreed on is said before the first byte that is seen. */
const someTls: TlsFacts = { version: undefined, serverName: undefined, alpn: undefined };

/** One for all pieces: a stretch is lent until the call returns. */
const lent: Stretch = {
  bytes: Buffer.alloc(0),
  start: 0,
  end: 0,
  sequence: 0,
  acknowledged: undefined,
  time: 0,
};

/** Whether the process is the server; undefined: this does not say it. */
function isServer({ direction, bytes, start, end }: Piece): boolean | undefined {
  if (
    looksLikeRequest(bytes, start, end) ||
    bytes.toString('latin1', start, Math.min(end, start + 6)) === 'PRI * '
  )
    return direction === 'read';
  if (looksLikeResponse(bytes, start, end)) return direction === 'write';
  return undefined;
}

/** Whose call it is: the program stands where a gateway has its API. */
function callOf(process: ProcessFacts | undefined): Exchange['call'] {
  if (process === undefined) return {};
  const { name, pid, container } = process;
  const tags = [`cap-process-${name}`, `cap-pid-${pid}`];
  if (container !== undefined) tags.push(`cap-container-${container.slice(0, 12)}`);
  return { apiId: name, apiName: name, tags };
}

/*
 * One connection: segments as they come, out of order, twice or not at all, become bytes in order. What is handed on is what
 * the two sides can have seen: bytes of one side that confirm bytes of the other wait until these were handed on, so an answer
 * never comes before its request, whatever the order of the packets.
 *
 * Bytes are missing where something behind them came, or where the other side has confirmed them. They may still come: packets are
 * seen out of order, and lost ones are sent again. But what the receiver has confirmed nobody sends again, so then a moment is
 * enough. After that they are given up, as a gap.
 */
import type {
  Conversation,
  Ending,
  Loss,
  Side,
  Stretch,
  Tally,
} from '../../shared/wire/conversation.ts';
import { distance } from '../../shared/wire/sequence.ts';
import { Half } from './half.ts';
import type { RecentBytes } from './recent.ts';
import type { Segment } from './segment.ts';

/** How long is waited for bytes that were confirmed, and for others: milliseconds of the packets. */
const patience = { confirmed: 100, others: 5000 };
/** What a side may hold. */
const mostHeldBytes = 256 * 1024;
const mostHeld = 512;
/** A reset counts where it can be in the window of its receiver. */
const window = 1024 * 1024;

/** Lent to the conversation for one call, which hands on no others meanwhile. */
const stretch: Stretch = {
  ...{ bytes: Buffer.alloc(0), start: 0, end: 0, sequence: 0, acknowledged: undefined, time: 0 },
};

export class Connection {
  /** Neighbours in the order of their last packets; of the table. */
  older: Connection | undefined;
  newer: Connection | undefined;
  lastTime: number;
  readonly keys: readonly [string, string];
  readonly #halves: readonly [Half, Half];
  readonly #tally: Tally;
  #conversation: Conversation | undefined;

  /** `keys`: of the client's packets and of the server's, by which the table finds it. */
  constructor(
    keys: readonly [string, string],
    conversation: Conversation,
    tally: Tally,
    recent: RecentBytes,
    time: number,
  ) {
    this.keys = keys;
    this.#conversation = conversation;
    this.#tally = tally;
    this.#halves = [new Half(tally, recent), new Half(tally, recent)];
    this.lastTime = time;
  }

  get isClosed(): boolean {
    return this.#conversation === undefined;
  }

  /** Whether a SYN with this number is the one that opened it, once more. */
  isOpening(from: Side, sequence: number): boolean {
    const half = this.#halves[from];
    return !half.isOpen || distance((sequence + 1) >>> 0, half.next) === 0;
  }

  /** Takes a segment of one side, and gives what the connection is then. */
  accept(from: Side, segment: Segment): 'open' | 'closed' {
    this.#take(from, segment);
    return this.isClosed ? 'closed' : 'open';
  }

  /** One that has ended counts what would have been new to it. */
  acceptLate(from: Side, { sequence, start, end }: Segment): void {
    const half = this.#halves[from];
    if (!half.isOpen || half.back(sequence) < end - start) this.#tally.lost.ended++;
  }

  #take(from: Side, segment: Segment): void {
    if (this.#conversation === undefined) return;
    const half = this.#halves[from];
    const peer = this.#halves[from === 0 ? 1 : 0];
    const { time, acknowledged, isSyn } = segment;
    half.isSeen = true;
    if (acknowledged !== undefined && !segment.isReset) confirm(peer, acknowledged);
    const sequence = isSyn ? (segment.sequence + 1) >>> 0 : segment.sequence;
    if (!half.isOpen && (isSyn || segment.end > segment.start || segment.isFin))
      half.open(sequence);
    if (segment.isReset) {
      this.#reset(half, segment);
      return;
    }
    const { start, end } = segment;
    if (segment.isFin && half.finAt === undefined) half.finAt = (sequence + (end - start)) >>> 0;
    if (end > start) {
      const isNext = half.held.length === 0 && half.next === sequence;
      if (isNext && !half.isEnded && isCaughtUp(peer, acknowledged))
        this.#deliver(from, segment.bytes, start, end, acknowledged, time);
      else this.#hold(half, sequence, segment);
    }
    if (half.held.length > 0 || peer.held.length > 0) this.#drain();
    this.#end(from, time);
    this.#end(from === 0 ? 1 : 0, time);
    this.#lookForGaps(time);
    if (half.isEnded && peer.isEnded) this.close('end', time);
  }

  /** Hands on what can be without what is missing, and ends. */
  close(ending: Ending, time: number): void {
    const conversation = this.#conversation;
    if (conversation === undefined) return;
    this.#giveUpAll(time);
    this.#conversation = undefined;
    for (const half of this.#halves) {
      this.#drop(half, 'tangled');
      half.clear();
    }
    conversation.close(ending, time);
  }

  #reset(half: Half, { sequence, time }: Segment): void {
    const far = half.isOpen ? distance(half.next, sequence) : 0;
    // Anybody can write a reset; one far from where the side is was not believed.
    if (far >= -1 && far < window) this.close('reset', time);
    else this.#tally.lost.reset++;
  }

  #hold(half: Half, sequence: number, { bytes, start, end, acknowledged, time }: Segment): void {
    const old = half.back(sequence);
    const length = end - start;
    if (old > 0) half.compare(sequence, bytes, start, end);
    const from = Math.max(0, old);
    if (from >= length) return;
    if (half.isEnded) {
      this.#tally.lost['behind-fin']++;
      return;
    }
    const fresh = Buffer.from(bytes.subarray(start + from, end));
    half.hold((sequence + from) >>> 0, fresh, acknowledged, time);
  }

  #deliver(
    from: Side,
    bytes: Buffer,
    start: number,
    end: number,
    acknowledged: number | undefined,
    time: number,
  ): void {
    const half = this.#halves[from];
    stretch.bytes = bytes;
    stretch.start = start;
    stretch.end = end;
    stretch.sequence = half.next;
    stretch.acknowledged = acknowledged;
    stretch.time = time;
    half.advance(bytes, start, end);
    this.#conversation?.data(from, stretch);
  }

  /** Hands on everything that can be. */
  #drain(): void {
    while (this.#drainOne(0) || this.#drainOne(1));
  }

  #drainOne(from: Side): boolean {
    const half = this.#halves[from];
    const [first] = half.held;
    if (first === undefined) return false;
    const old = half.back(first.sequence);
    if (old < 0) return false;
    if (!isCaughtUp(this.#halves[from === 0 ? 1 : 0], first.acknowledged)) return false;
    half.shift();
    const { bytes, acknowledged, time } = first;
    if (old < bytes.length) this.#deliver(from, bytes, old, bytes.length, acknowledged, time);
    return true;
  }

  #end(from: Side, time: number): void {
    const half = this.#halves[from];
    if (half.isEnded || half.finAt === undefined || distance(half.finAt, half.next) < 0) return;
    half.isEnded = true;
    half.next = (half.next + 1) >>> 0;
    // The receiver takes nothing behind a FIN: somebody else wrote what stands there.
    this.#drop(half, 'behind-fin');
    this.#conversation?.finish(from, time);
  }

  #lookForGaps(time: number): void {
    for (const from of [0, 1] as const) {
      const half = this.#halves[from];
      const unseen = missing(half);
      if (unseen === 0) half.missingSince = undefined;
      else {
        half.missingSince ??= time;
        const isConfirmed = confirmedBeyond(half) > 0;
        const waits = isConfirmed ? patience.confirmed : patience.others;
        if (time - half.missingSince > waits || this.#isFull()) this.#giveUp(from, unseen, time);
      }
    }
    // Sides that wait for each other, which honest ones cannot.
    if (this.#isFull()) {
      this.#tally.lost.evicted++;
      this.close('lost', time);
    }
  }

  #isFull(): boolean {
    return this.#halves.some(
      ({ heldBytes, held }) => heldBytes > mostHeldBytes || held.length > mostHeld,
    );
  }

  /** Forgets what a side holds. */
  #drop(half: Half, why: Loss): void {
    while (half.shift() !== undefined) this.#tally.lost[why]++;
  }

  /** Nothing that is missing comes any more. */
  #giveUpAll(time: number): void {
    for (let held = 1; held > 0; ) {
      held = 0;
      for (const from of [0, 1] as const) {
        // Of what is missing at the end, only that counts which something waits for: of this side, or an answer to it.
        const isWaitedFor = this.#halves.some((half) => half.held.length > 0);
        const unseen = isWaitedFor ? missing(this.#halves[from]) : 0;
        if (unseen > 0) this.#giveUp(from, unseen, time);
        held += unseen;
      }
    }
  }

  #giveUp(from: Side, length: number, time: number): void {
    const half = this.#halves[from];
    half.missingSince = undefined;
    // What stands far beyond all that the receiver has confirmed was never said to it: somebody else wrote it.
    if (half.acknowledged !== undefined && length > window && confirmedBeyond(half) <= 0) {
      this.#drop(half, 'beyond-window');
      return;
    }
    half.skip(length);
    this.#tally.lost.gap++;
    this.#conversation?.gap(from, length, time);
    this.#drain();
    this.#end(from, time);
  }
}

/** The other side has everything up to there. */
function confirm(half: Half, acknowledged: number): void {
  // Of a side that is not captured at all nothing is missed.
  if (!half.isOpen || (!half.isSeen && distance(half.next, acknowledged) > 0))
    half.open(acknowledged);
  if (half.acknowledged === undefined || distance(half.acknowledged, acknowledged) > 0)
    half.acknowledged = acknowledged;
}

/** Whether everything was handed on that the other side had when it said so. */
const isCaughtUp = (half: Half, acknowledged: number | undefined): boolean =>
  acknowledged === undefined || distance(half.next, acknowledged) <= 0;

const confirmedBeyond = (half: Half): number =>
  half.acknowledged === undefined || half.isEnded ? 0 : distance(half.next, half.acknowledged);

/** How many bytes are missing before what is there, or was confirmed; 0: none. */
function missing(half: Half): number {
  const [first] = half.held;
  const confirmed = Math.max(0, confirmedBeyond(half));
  if (first === undefined) return confirmed;
  const before = distance(half.next, first.sequence);
  return before <= 0 ? 0 : confirmed === 0 ? before : Math.min(before, confirmed);
}

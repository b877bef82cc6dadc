import type { Datagram } from './datagram.ts';

/** Of all datagrams that are not whole: so many, and so many bytes. Beyond, the oldest is forgotten. */
const mostDatagrams = 256;
const mostBytes = 4 * 1024 * 1024;
/** Of a datagram: as IP has it. */
const longest = 65_535;
/** After that, in milliseconds of the packets, what is missing does not come any more (RFC 8200, 4.5: a minute). */
const patience = 30_000;

interface Part {
  readonly offset: number;
  readonly bytes: Buffer;
}

interface Pending {
  readonly since: number;
  readonly parts: Part[];
  /** What comes behind the first header; of IPv6 the first fragment says it. */
  protocol: number;
  held: number;
  /** Where the last fragment ends; undefined: it was not there. */
  end: number | undefined;
  /** Parts that contradict each other came: nothing is made of it, and nothing of what still comes (RFC 5722). */
  isRefused: boolean;
}

/** Puts datagrams together. Bounded in number, bytes and time. */
export class Fragments {
  readonly #pending = new Map<string, Pending>();
  readonly #onLoss: () => void;
  #bytes = 0;

  /** `onLoss`: a datagram was given up, since it was incomplete for too long, or its parts overlap. */
  constructor(onLoss: () => void) {
    this.#onLoss = onLoss;
  }

  /** How much is held, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes a fragment. True: its datagram is whole, and stands in `datagram` now. */
  add(datagram: Datagram, time: number): boolean {
    const { fragment, bytes, addressesAt, addressLength, protocol, start, end } = datagram;
    if (fragment === undefined) return true;
    const addressesEnd = addressesAt + 2 * addressLength;
    const owner = addressLength === 4 ? protocol : 0;
    const key = `${fragment.id}/${owner}/${bytes.toString('latin1', addressesAt, addressesEnd)}`;
    this.#forgetOld(time);
    const pending = this.#pending.get(key) ?? this.#begin(key, time);
    if (pending.isRefused) return false;
    const part = { offset: fragment.offset, bytes: Buffer.from(bytes.subarray(start, end)) };
    if (!fits(pending, part, fragment.hasMore)) {
      this.#refuse(pending);
      return false;
    }
    if (pending.parts.some(({ offset }) => offset === part.offset)) return false;
    pending.parts.push(part);
    pending.held += part.bytes.length;
    this.#bytes += part.bytes.length;
    if (!fragment.hasMore) pending.end = part.offset + part.bytes.length;
    if (part.offset === 0) pending.protocol = protocol;
    if (pending.held !== pending.end) {
      while (this.#bytes > mostBytes) this.#forgetFirst();
      return false;
    }
    this.#remove(key, pending);
    const addresses = Buffer.from(bytes.subarray(addressesAt, addressesEnd));
    const sorted = pending.parts.sort((one, other) => one.offset - other.offset);
    datagram.bytes = Buffer.concat([addresses, ...sorted.map((each) => each.bytes)]);
    datagram.addressesAt = 0;
    datagram.protocol = pending.protocol;
    datagram.start = addresses.length;
    datagram.end = datagram.bytes.length;
    datagram.fragment = undefined;
    return true;
  }

  /** Nothing more comes. */
  close(): void {
    while (this.#pending.size > 0) this.#forgetFirst();
  }

  #begin(key: string, time: number): Pending {
    if (this.#pending.size >= mostDatagrams) this.#forgetFirst();
    const pending: Pending = {
      ...{ since: time, parts: [], protocol: -1, held: 0, end: undefined, isRefused: false },
    };
    this.#pending.set(key, pending);
    return pending;
  }

  #refuse(pending: Pending): void {
    this.#bytes -= pending.held;
    pending.held = 0;
    pending.parts.length = 0;
    pending.isRefused = true;
    this.#onLoss();
  }

  #forgetOld(time: number): void {
    for (const { since } of this.#pending.values()) {
      if (time - since <= patience) break;
      this.#forgetFirst();
    }
  }

  #forgetFirst(): void {
    for (const [key, pending] of this.#pending) {
      if (!pending.isRefused) this.#onLoss();
      this.#remove(key, pending);
      return;
    }
  }

  #remove(key: string, pending: Pending): void {
    this.#pending.delete(key);
    this.#bytes -= pending.held;
  }
}

/** Whether a part can stand beside the others. One that came twice, alike, is no contradiction. */
function fits(pending: Pending, part: Part, hasMore: boolean): boolean {
  const end = part.offset + part.bytes.length;
  if (end > longest || part.bytes.length === 0) return false;
  if (hasMore && part.bytes.length % 8 !== 0) return false;
  if (pending.end !== undefined && (end > pending.end || (!hasMore && end !== pending.end)))
    return false;
  return (
    pending.parts.every(
      (other) =>
        (other.offset === part.offset && other.bytes.equals(part.bytes)) ||
        end <= other.offset ||
        part.offset >= other.offset + other.bytes.length,
    ) &&
    (hasMore || pending.parts.every((other) => other.offset + other.bytes.length <= end))
  );
}

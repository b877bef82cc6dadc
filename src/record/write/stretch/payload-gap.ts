import { slotCount, slotOf } from '../../slots.ts';

/** Stepping over fewer bytes takes longer than copying them. */
const smallest = 1_024;

export const payloadSlots: readonly number[] = [slotOf.raw_request, slotOf.raw_response];

/**
 * Where the payloads of a record lie, its bytes by offset: those from `from` on to before `to`, in which no other value is.
 * A value ends before the next one begins, in whatever order a gateway has written them.
 */
export class PayloadGap {
  from = 0;
  to = 0;

  /** Of the record of `size` bytes whose row of `slots` begins at `base`; false: there is none worth stepping over. */
  find(slots: Int32Array, base: number, size: number): boolean {
    if (size < smallest) return false;
    const request = slots[base + slotOf.raw_request] as number;
    const response = slots[base + slotOf.raw_response] as number;
    let [requestEnd, responseEnd] = [size, size];
    for (let at = base; at < base + slotCount; at++) {
      const offset = slots[at] as number;
      if (offset > request && offset < requestEnd) requestEnd = offset;
      if (offset > response && offset < responseEnd) responseEnd = offset;
    }
    // A field that is missing has no bytes.
    if (request === 0) requestEnd = 0;
    if (response === 0) responseEnd = 0;
    if (requestEnd === response && response > 0) this.#set(request, responseEnd);
    else if (responseEnd === request && request > 0) this.#set(response, requestEnd);
    else if (requestEnd - request > responseEnd - response) this.#set(request, requestEnd);
    else this.#set(response, responseEnd);
    return this.to - this.from >= smallest;
  }

  #set(from: number, to: number): void {
    this.from = from;
    this.to = to;
  }
}

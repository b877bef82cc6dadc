/** A message that is to be stored. Its value is values[from … to), shared with the others of its batch. */
export interface Message {
  /** Goes along in a header. ASCII. */
  readonly id: string;
  readonly values: Buffer;
  readonly from: number;
  readonly to: number;
  readonly key: Buffer | null;
  /** In the batch that the broker stores, before compression. At most: it is counted, not written. */
  readonly size: number;
}

/** Messages that go to one partition in one request. */
export interface MessageSet {
  readonly partition: number;
  readonly messages: readonly Message[];
}

/** Every message says which record it is, so that a consumer can tell a repeat. */
export const idHeader = 'sluice-id';

/** Beside key, value and id: lengths, offset, time and the name of the header. */
export const messageFrame = 40;
/** Beside its messages. */
export const batchFrame = 61;

/** A message as it lies in a record set. */
export interface Message {
  /** Which record it is: goes along in a header. ASCII. */
  readonly id: string;
  readonly key: Buffer | null;
  readonly value: Buffer;
}

/** Every message says which record it is, so that a consumer can tell a repeat. */
export const idHeader = 'sluice-id';

/** What a record set has before its messages. */
export const batchFrame = 61;

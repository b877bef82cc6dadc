import { decodeBase64 } from '../record/base64.ts';
import { slotOf } from '../record/slots.ts';
import type { SpannedRecord } from '../record/span.ts';
import type { Fits } from './match-text.ts';

/** The recorded HTTP messages of one record: each is decoded once, however many tests ask for it. */
export interface Payloads {
  readonly request: (record: SpannedRecord) => Buffer;
  readonly response: (record: SpannedRecord) => Buffer;
  /** Before the next record. */
  forget(): void;
}

/** Reads the recorded message at a slot. */
export type ReadMessage = (record: SpannedRecord, slot: number) => Buffer;

export function createPayloads(read: ReadMessage): Payloads {
  let request: Buffer | undefined;
  let response: Buffer | undefined;
  return {
    request: (record) => (request ??= read(record, slotOf.raw_request)),
    response: (record) => (response ??= read(record, slotOf.raw_response)),
    forget() {
      request = undefined;
      response = undefined;
    },
  };
}

/** As it was recorded. What is no base64 is the message itself: an edit has decoded it already. */
export function recordedMessage(record: SpannedRecord, slot: number): Buffer {
  const { source, start, end } = record.span(slot);
  const { bytes, isComplete } = decodeBase64(source, start, end);
  return isComplete ? bytes : source.subarray(start, end);
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const tab = 0x09;
const colon = 0x3a;

/** Whether a header of this name (small letters) is there whose value fits, spaces around it left out. */
export function hasHeader(message: Buffer, name: Uint8Array, fits: Fits): boolean {
  for (let at = nextLine(message, 0); !isHeadEnd(message, at); at = nextLine(message, at)) {
    if (!isNamed(message, at, name)) continue;
    let start = at + name.length + 1;
    let end = nextLine(message, at);
    while (end > start && isBlank(message[end - 1])) end--;
    while (start < end && isBlank(message[start])) start++;
    if (fits(message, start, end)) return true;
  }
  return false;
}

/** Where the body begins: behind the first empty line. */
export function bodyStart(message: Buffer): number {
  let at = nextLine(message, 0);
  while (!isHeadEnd(message, at)) at = nextLine(message, at);
  return nextLine(message, at);
}

function nextLine(message: Buffer, at: number): number {
  const end = at >= message.length ? -1 : message.indexOf(lineFeed, at);
  return end < 0 ? message.length : end + 1;
}

function isHeadEnd(message: Buffer, at: number): boolean {
  const first = message[at];
  return (
    first === undefined ||
    first === lineFeed ||
    (first === carriageReturn && message[at + 1] === lineFeed)
  );
}

function isNamed(message: Buffer, at: number, name: Uint8Array): boolean {
  if (message[at + name.length] !== colon) return false;
  for (let index = 0; index < name.length; index++) {
    const byte = message[at + index] as number;
    const folded = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
    if (folded !== name[index]) return false;
  }
  return true;
}

const isBlank = (byte: number | undefined): boolean =>
  byte === space || byte === tab || byte === carriageReturn || byte === lineFeed;

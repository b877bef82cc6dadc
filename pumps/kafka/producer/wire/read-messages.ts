import { batchFrame, type Message } from './message.ts';
import type { RecordSet } from './record-set.ts';
import { readVarint, sizeOfVarint } from './varint.ts';

/** The messages of a set as `RecordSetWriter` has written it: views of its bytes. */
export function readMessages({ bytes, count }: RecordSet): readonly Message[] {
  let at = batchFrame;
  const number = (): number => {
    const value = readVarint(bytes, at);
    at += sizeOfVarint(value);
    return value;
  };
  const text = (): Buffer | null => {
    const size = number();
    return size < 0 ? null : bytes.subarray(at, (at += size));
  };
  return Array.from({ length: count }, () => {
    number();
    at += 2;
    number();
    const [key, value] = [text(), text()];
    number();
    text();
    return { key, value: value ?? none, id: String(text()) };
  });
}

const none = Buffer.alloc(0);

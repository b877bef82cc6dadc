/**
 * Fields in records that this version does not know, as newer gateways write them. Only the general scanners meet them: a record
 * of the usual form has none, and costs nothing here. One object for all, as scans run one after the other; with a listener in
 * each thread, or none.
 */

/** Hears of each record which fields it had, by their names: `NewField`, `Latency.NewField`, in protobuf `#36`, `#33.#5`. */
type Listener = (encoding: 'msgpack' | 'protobuf', names: readonly string[]) => void;

/** Of one record: who writes more means to. */
const mostOfRecord = 16;
/** Longer names are cut. */
const longest = 64;

let listener: Listener | undefined;
const met: string[] = [];

/** What it returns ends the listening. */
export function listenToUnknown(hear: Listener): () => void {
  listener = hear;
  return () => {
    if (listener === hear) listener = undefined;
  };
}

/** A record is about to be scanned. */
export function beginRecord(): void {
  if (met.length > 0) met.length = 0;
}

/** The name of a key, in bytes that anybody may have written. */
export function meetName(struct: string, bytes: Buffer, start: number, end: number): void {
  if (listener === undefined || met.length >= mostOfRecord) return;
  const name = harmless(bytes.toString('utf8', start, Math.min(end, start + longest)));
  met.push(struct === '' ? name : `${struct}.${name}`);
}

/** Of messages, from the record on, the numbers that lead there. */
export function meetNumber(numbers: readonly number[]): void {
  if (listener === undefined || met.length >= mostOfRecord) return;
  met.push(numbers.map((number) => `#${number}`).join('.'));
}

/** It was a record. Of what is none nothing is told. */
export function tellUnknown(encoding: 'msgpack' | 'protobuf'): void {
  if (met.length > 0) listener?.(encoding, [...new Set(met)]);
}

/** In letters, digits and marks of ASCII; everything else is escaped as in JSON. */
const harmless = (name: string): string =>
  name.replaceAll(
    /[^\x20-\x7e]|["\\]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

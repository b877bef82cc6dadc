import { type Batch, type Bytes, ByteWriter, type Entry } from '#pump';
import type { EventWriter } from './encode.ts';

/** One request: its events one behind the other, never none. */
export interface EventRequest {
  readonly entries: readonly Entry[];
  readonly body: Buffer;
}

export interface Packing {
  readonly isBatched: boolean;
  /** Maximum bytes of a request with several events. A larger event goes alone. */
  readonly mostBytes: Bytes;
}

/** One event by itself. */
export function requestOf(entry: Entry, writeEvent: EventWriter): EventRequest {
  const body = new ByteWriter();
  writeEvent(entry.record, body);
  return { entries: [entry], body: body.take() };
}

export function* requestsOf(
  batch: Batch,
  writeEvent: EventWriter,
  { isBatched, mostBytes }: Packing,
): Iterable<EventRequest> {
  const event = new ByteWriter();
  const body = new ByteWriter();
  let entries: Entry[] = [];
  for (const entry of batch) {
    event.clear();
    writeEvent(entry.record, event);
    const isFull = !isBatched || body.length + event.length > mostBytes;
    if (isFull && entries.length > 0) {
      yield { entries, body: body.take() };
      entries = [];
    }
    body.bytes(event.view());
    entries.push(entry);
  }
  yield { entries, body: body.take() };
}

import { type TraceParent, traceParentOf } from './trace-parent.ts';

/** What the recorded request says of itself beside what the record has. */
export interface RequestHead {
  readonly trace: TraceParent | undefined;
  /** `1.1`, `2`; empty where nothing is recorded, or nothing that is a request. */
  readonly version: string;
}

const none: RequestHead = { trace: undefined, version: '' };

/** Characters of a payload that are looked at: at first, and at most where its head does not end within these. */
const [firstLook, longestLook] = [8_192, 131_072];

/** Reads the head of a recorded request: base64 as gateways write it, or plain where the route has decoded it. */
export function readRequestHead(recorded: Uint8Array): RequestHead {
  if (recorded.length === 0) return none;
  const head = headOf(recorded, firstLook) ?? headOf(recorded, longestLook) ?? '';
  const [, version = ''] = /^[^\n]* HTTP\/(\d(?:\.\d)?)\r?\n/.exec(head) ?? [];
  return { trace: traceOf(head), version: version.replace(/^([23])\.0$/, '$1') };
}

/** What stands before the empty line, a character for each byte. Undefined where so many characters do not reach it. */
function headOf({ buffer, byteOffset, length }: Uint8Array, most: number): string | undefined {
  const text = Buffer.from(buffer, byteOffset, Math.min(length, most)).toString('latin1');
  // The alphabet of base64 has no blank, and a request line has two.
  const isPlain = text.slice(0, firstLook).includes(' ');
  const plain = isPlain ? text : Buffer.from(text, 'base64').toString('latin1');
  const end = plain.search(/\r?\n\r?\n/);
  if (end >= 0) return `${plain.slice(0, end)}\n`;
  return length <= most || most === longestLook ? `${plain}\n` : undefined;
}

/** A header that stands twice says nothing. */
function traceOf(head: string): TraceParent | undefined {
  const [only, second] = head.match(/\ntraceparent:[^\r\n]*/gi) ?? [];
  if (only === undefined || second !== undefined) return undefined;
  return traceParentOf(only.slice(only.indexOf(':') + 1).trim());
}

import type { ByteWriter } from '#pump';

/** What separates messages: each has a datagram, a line, or its length in front (RFC 6587). */
export type Framing = 'datagram' | 'newline' | 'octet-counting';

const lineFeed = 0x0a;
const inLine = new Uint8Array(256).fill(1);
inLine[lineFeed] = 0;

/** Appends a message to a stream. Where lines separate messages, a line end within one becomes `\n`. */
export function frame(message: Uint8Array, framing: Framing, out: ByteWriter): void {
  switch (framing) {
    case 'datagram':
      out.bytes(message);
      return;
    case 'octet-counting':
      out.ascii(`${message.length} `);
      out.bytes(message);
      return;
    case 'newline':
      for (let at = 0; ; at++) {
        at = out.copyWhile(inLine, message, at, message.length);
        if (at >= message.length) break;
        out.ascii('\\n');
      }
      out.byte(lineFeed);
      return;
  }
  return framing satisfies never;
}

import type { ByteWriter } from '#pump';

/** What separates messages: each has a datagram, a line, or its length in front (RFC 6587). */
export type Framing = 'datagram' | 'newline' | 'octet-counting';

const lineFeed = 0x0a;
const inLine = new Uint8Array(256).fill(1);
inLine[lineFeed] = 0;

/**
 * Appends a message with what separates it from the next. A line end within becomes `\n`, but where lengths are told: many
 * receivers of datagrams, too, write lines, and a path could forge a message there.
 */
export function frame(
  message: Uint8Array,
  { framing, keepsLineEnds }: { readonly framing: Framing; readonly keepsLineEnds: boolean },
  out: ByteWriter,
): void {
  switch (framing) {
    case 'datagram': {
      // Go's library ends its messages with one, which readers may rely on.
      const end = message.length - (message.at(-1) === lineFeed ? 1 : 0);
      if (!keepsLineEnds) writeOnOneLine(message, end, out);
      out.bytes(message, keepsLineEnds ? 0 : end);
      return;
    }
    case 'octet-counting':
      out.ascii(`${message.length} `);
      out.bytes(message);
      return;
    case 'newline':
      writeOnOneLine(message, message.length, out);
      out.byte(lineFeed);
      return;
  }
  return framing satisfies never;
}

function writeOnOneLine(message: Uint8Array, end: number, out: ByteWriter): void {
  for (let at = 0; ; at++) {
    at = out.copyWhile(inLine, message, at, end);
    if (at >= end) return;
    out.ascii('\\n');
  }
}

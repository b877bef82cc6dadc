import { ByteWriter } from '#pump';
import { putHead, sizeOfVarint } from './proto.ts';
import { textAttribute } from './value.ts';

/**
 * A request has what it sends within three messages, whose sizes stand before it. `Export…Request`, `Resource…` and `Scope…`
 * have the same fields for logs and for metrics:
 *
 *     1: Resource… { 1: Resource { 1: attributes }, 2: Scope… { 1: InstrumentationScope { 1: name }, 2: … } }
 */
export interface Envelope {
  /** Leaves room for what comes before the content. */
  begin(out: ByteWriter): void;
  /** The whole request; valid until the next write. */
  end(out: ByteWriter): Buffer;
}

const first = 1;
const second = 2;

export function envelopeOf(resource: Readonly<Record<string, string>>): Envelope {
  const attributes = Object.entries(resource).map(([name, text]) =>
    textAttribute(first, name, text),
  );
  const about = message(first, Buffer.concat(attributes));
  const scope = message(first, message(first, Buffer.from('sluice')));
  // Two heads besides.
  const room = about.length + scope.length + 2 * 6;
  const head = new ByteWriter(room);
  return {
    begin(out) {
      out.ensure(room);
      out.advance(out.length + room);
    },
    end(out) {
      const inner = scope.length + (out.length - room);
      const outer = about.length + 1 + sizeOfVarint(inner) + inner;
      head.clear();
      putHead(head, first, outer);
      head.bytes(about);
      putHead(head, second, inner);
      head.bytes(scope);
      const start = room - head.length;
      out.buffer.set(head.view(), start);
      return out.view().subarray(start);
    },
  };
}

function message(field: number, content: Uint8Array): Buffer {
  const out = new ByteWriter(content.length + 6);
  putHead(out, field, content.length);
  out.bytes(content);
  return out.take();
}

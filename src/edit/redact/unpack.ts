import { type Uncompressed, type Unsure, uncompress } from './compression.ts';
import type { Pass } from './plan.ts';

/** No compression that has a mark gives more than so many bytes for one. */
const mostRatio = 1032;

/**
 * What is compressed within a body: in base64, in a part, in an inner message. A record may hold any number of them, each
 * small and large when it is undone, so that all together get twice what a body may have. What comes after that is not known.
 */
export function unpack(
  text: string,
  codings: readonly string[],
  pass: Pass,
): Uncompressed | { readonly unsure: Unsure } {
  const { decodedBytes } = pass.plan;
  const limit = Math.min(decodedBytes, 2 * decodedBytes - pass.unpacked);
  if (limit <= 0) return { unsure: 'size' };
  const plain = uncompress(Buffer.from(text, 'latin1'), codings, limit);
  pass.unpacked +=
    'unsure' in plain ? Math.min(limit, mostRatio * text.length) : plain.bytes.length;
  return plain;
}

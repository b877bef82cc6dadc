import { looksLikeRequest, looksLikeResponse } from '../../shared/wire/sniff.ts';
import type { Segment } from './segment.ts';
import type { GuessSide } from './table.ts';

/** Who is the client of a connection whose beginning was not seen: what is said tells it, otherwise the ports do. */
export const guessSide: GuessSide = (segment, ports) => {
  const said = bySpeech(segment);
  if (said !== undefined) return said;
  const [own, other] = ports;
  // Ports that are listened at are lower, nearly always.
  return own < other ? 1 : 0;
};

function bySpeech({ bytes, start, end }: Segment): 0 | 1 | undefined {
  if (looksLikeRequest(bytes, start, end)) return 0;
  if (looksLikeResponse(bytes, start, end)) return 1;
  const isHandshake = end - start > 5 && bytes[start] === 0x16 && bytes[start + 1] === 3;
  if (isHandshake) return bytes[start + 5] === 1 ? 0 : 1;
  return undefined;
}

import { type Bytes, bytes, type Millis, mebibytes, millis } from '../../lib/units.ts';

const near = mebibytes(1);
const far = mebibytes(2);
const farthest = mebibytes(6);
const farFrom = millis(3);
/** 120 MB a second. */
const bytesEachMilli = 120_000;

/**
 * With how many bytes still to come a server at that distance is asked for more. Near, where it has surely carried out the
 * message before, so that others have their turn between them. Far away, where a round trip would go by without bytes,
 * earlier: what arrives during one, as far as Redis may be asked to keep it.
 */
export const goesOnAt = (roundTrip: Millis): Bytes =>
  roundTrip < farFrom
    ? near
    : bytes(Math.min(farthest, Math.max(far, Math.round(roundTrip * bytesEachMilli))));

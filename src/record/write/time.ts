import { integerSizes } from '../msgpack/codes.ts';
import { ownSlots } from '../protobuf/layout.ts';
import { zoneOf } from '../protobuf/time.ts';
import { localZone } from '../time/local-zone.ts';
import * as msgpack from './msgpack.ts';
import { gaveUp } from './number.ts';
import type { Program } from './program.ts';
import * as protobuf from './protobuf.ts';
import type { Row } from './row.ts';
import type { TimeCell } from './time-cell.ts';

/** Writes the time of the program's row at `at`, whose seconds are at `place`. */
export function putTime(
  { rows, cells, isMsgpack }: Program,
  at: number,
  row: Row,
  place: number,
  data: DataView,
  to: number,
): number {
  const { view, slots, base, origin } = row;
  let [seconds, nanos] = [0, 0];
  let zone: string | undefined;
  if (isMsgpack) {
    if (place === 0) return gaveUp;
    const secondsAt = place + 1;
    seconds = msgpack.numberAt(view, secondsAt);
    nanos = msgpack.numberAt(view, secondsAt + (integerSizes[view.getUint8(secondsAt)] as number));
    zone = localZone();
  } else {
    const nanosAt = slots[base + (rows[at + 7] as number)] as number;
    const zoneAt = slots[base + ownSlots.zone] as number;
    if (place !== 0) seconds = protobuf.longAt(view, place);
    if (nanosAt !== 0) nanos = protobuf.numberAt(view, origin + nanosAt);
    zone = zoneOf(row.region, zoneAt === 0 ? 0 : origin + zoneAt);
  }
  if (zone === undefined || Number.isNaN(seconds) || !(nanos >= 0 && nanos < 1e9)) return gaveUp;
  return (cells[rows[at + 6] as number] as TimeCell).put(seconds, nanos, zone, data, to);
}

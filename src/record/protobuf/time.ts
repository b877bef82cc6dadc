import type { Integer, RecordTime } from '../record.ts';
import { localZone } from '../time/local-zone.ts';
import { zeroTime } from '../time/zero-time.ts';
import { hasZone } from '../time/zone.ts';
import { readText } from './read.ts';

const nanosPerSecond = 1_000_000_000;

/** The zone both times of a record are shown in; undefined where nobody knows it. `at`: the text's length, or 0. */
export function zoneOf(bytes: Buffer, at: number): string | undefined {
  if (at === 0 || isUtc(bytes, at)) return 'UTC';
  const name = readText(bytes, at);
  if (name === '') return 'UTC';
  if (name === 'Local') return localZone();
  return hasZone(name) ? name : undefined;
}

/** Almost every gateway writes UTC: no text is made for it. */
const isUtc = (bytes: Buffer, at: number): boolean =>
  bytes[at] === 3 && bytes[at + 1] === 0x55 && bytes[at + 2] === 0x54 && bytes[at + 3] === 0x43;

/** With an unknown zone the reference leaves the zero time (tyk-pump.md, "Protobuf"). */
export function timeInZone(seconds: Integer, nanos: number, zone: string | undefined): RecordTime {
  if (zone === undefined) return zeroTime;
  if (nanos >= 0 && nanos < nanosPerSecond) return { seconds, nanos, zone };
  const carried = Math.floor(nanos / nanosPerSecond);
  const sum = typeof seconds === 'bigint' ? seconds + BigInt(carried) : seconds + carried;
  return { seconds: sum, nanos: nanos - carried * nanosPerSecond, zone };
}

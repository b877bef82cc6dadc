import type { RecordTime } from '../record.ts';

/** Go's zero time, 0001-01-01T00:00:00Z: what a missing time reads as. */
export const zeroTime: RecordTime = { seconds: -62_135_596_800, nanos: 0, zone: 'UTC' };

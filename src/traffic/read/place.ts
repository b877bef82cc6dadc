/** Where a call is in the order of a page: by time, then by arrival. As text it is a cursor, which means nothing to others. */
export interface Place {
  /** Microseconds since 1970. */
  readonly time: number;
  readonly volume: number;
  readonly row: number;
}

export const cursorOf = ({ time, volume, row }: Place): string =>
  [time, volume, row].map(String).join('.');

/** Undefined: it is no cursor of ours. */
export function placeOf(cursor: string): Place | undefined {
  const [, time, volume, row] = /^(-?\d{1,16})\.(\d{1,15})\.(-?\d{1,15})$/.exec(cursor) ?? [];
  return time === undefined
    ? undefined
    : { time: Number(time), volume: Number(volume), row: Number(row) };
}

/** Below 0 where the first comes first on a page: it is newer. */
export const newestFirst = (one: Place, other: Place): number =>
  other.time - one.time || other.volume - one.volume || other.row - one.row;

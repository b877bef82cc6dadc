import type { BsonClasses } from '../client.ts';

/** Numbers as Go’s types are stored: the driver would guess them from their values. */
export interface Types {
  /** Of 32 bits where it fits. */
  readonly integer: (value: number) => unknown;
  readonly long: (value: number) => unknown;
  readonly double: (value: number) => unknown;
}

export const typesOf = ({ Double, Int32, Long }: BsonClasses): Types => ({
  integer: small((value) => ((value | 0) === value ? new Int32(value) : Long.fromNumber(value))),
  long: small((value) => Long.fromNumber(value)),
  double: small((value) => new Double(value)),
});

/** Below this whole numbers, of which counters have many, are made once. */
const mostKept = 1_024;

function small(make: (value: number) => unknown): (value: number) => unknown {
  const kept: unknown[] = [];
  return (value) =>
    Number.isInteger(value) && value >= 0 && value < mostKept
      ? (kept[value] ??= make(value))
      : make(value);
}

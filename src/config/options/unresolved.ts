/** Stands in the place of a KV reference that could not be resolved; whoever reads it reports the reason. */
export class Unresolved {
  /** What was expected instead, without the value. */
  readonly expected: string;

  constructor(expected: string) {
    this.expected = expected;
  }
}

/** The reason of the first unresolved reference in a JSON value, however deep. */
export function findUnresolved(raw: unknown): string | undefined {
  if (raw instanceof Unresolved) return raw.expected;
  if (typeof raw !== 'object' || raw === null) return undefined;
  for (const inner of Object.values(raw)) {
    const reason = findUnresolved(inner);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

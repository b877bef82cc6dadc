import type { Entry } from '#pump';

/** So many segments are remembered for a document: the newest, which are those that may come again. */
const mostSegments = 20_000;

/** Which records a document has counted: of each segment, the indices as pairs of a first and the one behind the last. */
export class Notes {
  readonly #segments: Map<string, readonly number[]>;

  constructor(segments: Iterable<readonly [string, readonly number[]]> = []) {
    this.#segments = new Map(segments);
  }

  has({ segment, index }: Pick<Entry, 'segment' | 'index'>): boolean {
    const bounds = this.#segments.get(segment);
    return bounds !== undefined && isWithin(bounds, index);
  }

  /** What is to be noted for these entries as well: the whole of each segment that they are of, and segments to forget. */
  with(entries: readonly Pick<Entry, 'segment' | 'index'>[]): NotesChange {
    const indices = new Map<string, number[]>();
    for (const { segment, index } of entries) {
      const list = indices.get(segment);
      if (list === undefined) indices.set(segment, [index]);
      else list.push(index);
    }
    const noted = new Map(
      [...indices].map(([segment, added]) => [
        segment,
        joined(this.#segments.get(segment) ?? [], added),
      ]),
    );
    const all = new Set([...this.#segments.keys(), ...noted.keys()]);
    // Ids begin with the time of their claim.
    const forgotten =
      all.size > mostSegments
        ? [...all]
            .filter((segment) => !noted.has(segment))
            .sort(byAge)
            .slice(0, all.size - mostSegments)
        : [];
    return { noted, forgotten };
  }

  apply({ noted, forgotten }: NotesChange): void {
    for (const [segment, bounds] of noted) this.#segments.set(segment, bounds);
    for (const segment of forgotten) this.#segments.delete(segment);
  }
}

export interface NotesChange {
  readonly noted: ReadonlyMap<string, readonly number[]>;
  readonly forgotten: readonly string[];
}

function isWithin(bounds: readonly number[], index: number): boolean {
  for (let at = 0; at < bounds.length; at += 2)
    if (index >= (bounds[at] as number) && index < (bounds[at + 1] as number)) return true;
  return false;
}

function joined(bounds: readonly number[], added: readonly number[]): readonly number[] {
  const ranges: (readonly [number, number])[] = added.map((index) => [index, index + 1]);
  for (let at = 0; at < bounds.length; at += 2)
    ranges.push([bounds[at] as number, bounds[at + 1] as number]);
  ranges.sort(([one], [other]) => one - other);
  const all: number[] = [];
  for (const [from, to] of ranges) {
    const last = all.length - 1;
    if (last > 0 && from <= (all[last] as number)) all[last] = Math.max(all[last] as number, to);
    else all.push(from, to);
  }
  return all;
}

const byAge = (one: string, other: string): number =>
  Number.parseInt(one, 10) - Number.parseInt(other, 10);

/**
 * Elements of a list as they came: side by side in one region, with the place of each. No object exists per element; a
 * region lives as long as somebody refers to it.
 */
export interface Elements {
  /** A buffer of its own: it begins at offset 0 of its ArrayBuffer. */
  readonly region: Buffer;
  readonly count: number;
  /** Of each element its offset in the region and its size. */
  readonly places: Int32Array;
}

/** The bytes of one element: a view, not a copy. */
export function elementAt({ region, places }: Elements, index: number): Buffer {
  const at = places[2 * index] as number;
  return region.subarray(at, at + (places[2 * index + 1] as number));
}

export const partsOf = (elements: Elements): readonly Buffer[] =>
  Array.from({ length: elements.count }, (_, index) => elementAt(elements, index));

/** Copies what lies apart into a region. */
export function elementsOf(parts: readonly Uint8Array[]): Elements {
  const size = parts.reduce((sum, part) => sum + part.length, 0);
  const region = Buffer.allocUnsafeSlow(size);
  const places = new Int32Array(2 * parts.length);
  let at = 0;
  parts.forEach((part, index) => {
    region.set(part, at);
    places[2 * index] = at;
    places[2 * index + 1] = part.length;
    at += part.length;
  });
  return { region, count: parts.length, places };
}

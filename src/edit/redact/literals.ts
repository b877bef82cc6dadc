/** Searches a text for values that were redacted elsewhere in the record, however many there are, in linear time. */
export interface Literals {
  readonly find: (text: string, found: (from: number, to: number, put: string) => void) => void;
}

/** Shorter ones stand in a text by chance. */
export const leastLiteral = 6;
/** Up to here each is searched for by itself. */
const few = 12;
/** Most that are compared at one place; where more begin alike, as much as the longest of them is redacted. */
const mostAlike = 32;

export function literalsOf(values: ReadonlyMap<string, string>): Literals {
  const size = values.size;
  return { find: size <= few ? oneByOne([...values]) : byBegin(values) };
}

function oneByOne(values: readonly (readonly [string, string])[]): Literals['find'] {
  return (text, found) => {
    for (const [value, put] of values) {
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length))
        found(at, at + value.length, put);
    }
  };
}

function byBegin(values: ReadonlyMap<string, string>): Literals['find'] {
  const lists = new Map<string, [string, string][]>();
  const filter = new Uint8Array(1 << 16);
  for (const entry of values) {
    const begin = entry[0].slice(0, leastLiteral);
    filter[filterOf(begin, 0)] = 1;
    const list = lists.get(begin);
    if (list === undefined) lists.set(begin, [entry]);
    else list.push(entry);
  }
  for (const list of lists.values()) list.sort((left, right) => right[0].length - left[0].length);
  return (text, found) => {
    for (let at = 0; at + leastLiteral <= text.length; ) {
      const step =
        filter[filterOf(text, at)] === 0
          ? 0
          : matchAt(text, at, lists.get(text.slice(at, at + leastLiteral)), found);
      at += Math.max(1, step);
    }
  };
}

/** How long the value is that stands there; 0 where none does. */
function matchAt(
  text: string,
  at: number,
  list: readonly (readonly [string, string])[] | undefined,
  found: (from: number, to: number, put: string) => void,
): number {
  if (list === undefined) return 0;
  const [longest] = list;
  if (list.length > mostAlike && longest !== undefined) {
    const to = Math.min(text.length, at + longest[0].length);
    found(at, to, longest[1]);
    return to - at;
  }
  for (const [value, put] of list) {
    if (!text.startsWith(value, at)) continue;
    found(at, at + value.length, put);
    return value.length;
  }
  return 0;
}

const filterOf = (text: string, at: number): number =>
  ((text.charCodeAt(at) << 8) ^
    (text.charCodeAt(at + 1) << 4) ^
    (text.charCodeAt(at + 3) << 6) ^
    text.charCodeAt(at + 5)) &
  0xffff;

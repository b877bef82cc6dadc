/** The known name a misspelt one was most likely meant to be. Letter case and separators do not count. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = bare(name);
  // About one slip in four letters: fewer would miss `elasticsearch_ur`, more would suggest nonsense.
  let least = Math.min(3, Math.max(1, Math.floor(wanted.length / 4)));
  let best: string | undefined;
  for (const candidate of known) {
    const distance = editDistance(wanted, bare(candidate));
    if (distance < least || (distance === least && best === undefined)) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

const bare = (name: string): string => name.toLowerCase().replaceAll(/[_.\- ]/g, '');

/** Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  const width = to.length + 1;
  const table = new Uint16Array((from.length + 1) * width);
  const at = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let row = 0; row <= from.length; row++) {
    for (let column = 0; column <= to.length; column++) {
      let least = row === 0 || column === 0 ? row + column : Number.POSITIVE_INFINITY;
      if (row > 0 && column > 0) {
        const isSame = from[row - 1] === to[column - 1];
        least = Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (isSame ? 0 : 1),
        );
        if (
          row > 1 &&
          column > 1 &&
          from[row - 1] === to[column - 2] &&
          from[row - 2] === to[column - 1]
        )
          least = Math.min(least, at(row - 2, column - 2) + 1);
      }
      table[row * width + column] = least;
    }
  }
  return at(from.length, to.length);
}

import { codeColumns } from './aggregate-table.ts';

const ownColumns = new Map(codeColumns.map((name, at) => [name, at]));

/** How often the codes of each column came, in the order of the columns. */
export class CodeCounts {
  readonly #columns = new Map<number, number | undefined>();
  readonly #counts = new Float64Array(codeColumns.length);

  /** Valid until the next call. */
  of(errorMap: ReadonlyMap<number, number>): Float64Array {
    const counts = this.#counts.fill(0);
    for (const [code, count] of errorMap) {
      const at = this.#columnOf(code);
      if (at !== undefined) counts[at] = (counts[at] as number) + count;
    }
    return counts;
  }

  #columnOf(code: number): number | undefined {
    if (this.#columns.has(code)) return this.#columns.get(code);
    const column = columnOf(code);
    if (this.#columns.size < 1_000) this.#columns.set(code, column);
    return column;
  }
}

/** Its own column, else that of its first digit; some codes have none. */
const columnOf = (code: number): number | undefined =>
  ownColumns.get(`code_${code}`) ?? ownColumns.get(`code_${String(code).slice(0, 1)}x`);

import type { Cell, Database, OpenDatabase, Statement } from '../libsql.ts';
import type { Needles, Value } from '../query/sql.ts';
import { looksFor, pagesPerGroup, rowsPerGroup } from '../store/trigrams.ts';
import { assertVersion } from '../store/volume-writer.ts';
import type { VolumeFile } from '../store/volumes.ts';

const blocksPerGroup = 32;

/** One volume while it is asked. A writer may be adding to it, or have deleted it. */
export class VolumeReader {
  readonly #database: Database;
  readonly #statements = new Map<string, Promise<Statement>>();

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(file: VolumeFile, sqlite: OpenDatabase): Promise<VolumeReader> {
    const database = await sqlite(file.path);
    try {
      await assertVersion(database, file);
      return new VolumeReader(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Of its calls; undefined: it has none. */
  async extent(): Promise<
    { readonly earliest: number; readonly latest: number; readonly rows: number } | undefined
  > {
    const [row = []] = await this.all(
      'SELECT (SELECT min(time) FROM record), (SELECT max(time) FROM record), (SELECT max(row) FROM record)',
      [],
    );
    const [earliest, latest, last] = row;
    return earliest === null || earliest === undefined
      ? undefined
      : { earliest: Number(earliest), latest: Number(latest), rows: Number(last) + 1 };
  }

  async all(sql: string, values: readonly Cell[]): Promise<readonly (readonly Cell[])[]> {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql);
    this.#statements.set(sql, known);
    return (await known).all(values);
  }

  /** Values of a condition as this volume has them (query/sql.ts). */
  async resolve(values: readonly Value[]): Promise<readonly Cell[]> {
    const cells: Cell[] = [];
    for (const value of values)
      cells.push(isNeedles(value) ? JSON.stringify(await this.#listFor(value)) : value);
    return cells;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  /** Blocks that may have all of them; of no needle, the groups of which nothing is known. */
  async #listFor({ needles }: Needles): Promise<readonly number[]> {
    const covered = await this.#covered();
    if (needles.length === 0) {
      const rows = (await this.extent())?.rows ?? 0;
      const known = new Set(covered);
      const groups = Math.ceil(rows / rowsPerGroup);
      return Array.from({ length: groups }, (_, group) => group).filter(
        (group) => !known.has(group),
      );
    }
    let masks = new Map(covered.map((group) => [group, 0xffff_ffff]));
    for (const needle of needles)
      for (const look of looksFor(needle)) masks = await this.#narrowed(masks, look);
    return [...masks].flatMap(([group, mask]) =>
      Array.from({ length: blocksPerGroup }, (_, block) => block)
        .filter((block) => ((mask >>> block) & 1) === 1)
        .map((block) => group * blocksPerGroup + block),
    );
  }

  async #covered(): Promise<readonly number[]> {
    const found = await this.all('SELECT id / ? FROM trigram WHERE id % ? = 0', [
      BigInt(pagesPerGroup),
      BigInt(pagesPerGroup),
    ]);
    return found.map(([group]) => Number(group));
  }

  async #narrowed(
    masks: ReadonlyMap<number, number>,
    { page, word }: { readonly page: number; readonly word: number },
  ): Promise<Map<number, number>> {
    const ids = [...masks.keys()].map((group) => group * pagesPerGroup + page);
    const found = await this.all(
      'SELECT id, substr(words, ?, 4) FROM trigram WHERE id IN (SELECT value FROM json_each(?))',
      [BigInt(4 * word + 1), JSON.stringify(ids)],
    );
    const left = new Map<number, number>();
    for (const [id, bits] of found) {
      const group = Math.floor(Number(id) / pagesPerGroup);
      const mask = (masks.get(group) ?? 0) & Buffer.from(bits as Uint8Array).readInt32LE(0);
      if (mask !== 0) left.set(group, mask);
    }
    return left;
  }
}

const isNeedles = (value: Value): value is Needles =>
  typeof value === 'object' && value !== null && 'needles' in value;

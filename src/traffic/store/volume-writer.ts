import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ContractError } from '../../lib/errors.ts';
import { recordedMessage } from '../../query/payloads.ts';
import type { AnalyticsRecord } from '../../record/record.ts';
import { slotOf } from '../../record/slots.ts';
import { spanned } from '../../record/span.ts';
import type { Cell, Database, OpenDatabase, Statement } from '../libsql.ts';
import { searchedMessage, withPlainBody } from '../message.ts';
import { decodeStored, encodeAll } from './codec.ts';
import { columnsOf } from './columns.ts';
import { recordColumns, schema, storeVersion } from './schema.ts';
import { pagesPerGroup, rowsPerGroup, TrigramGroup } from './trigrams.ts';
import type { VolumeFile } from './volumes.ts';

/** A record and the halves of its id. */
export interface Incoming {
  readonly segment: string;
  readonly place: number;
  readonly record: AnalyticsRecord;
}

/** Rows of one statement: of more, each takes longer. */
const statementSizes = [64, 8, 1] as const;

/**
 * Writes one volume. What `append` resolves for is on the disk (WAL, `synchronous = FULL`), whole; where it rejects, nothing of it is
 * there. One call at a time.
 */
export class VolumeWriter {
  readonly file: VolumeFile;
  /** Which file it was, so that one in its place is noticed. */
  readonly inode: string;
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();
  readonly #segments = new Map<string, number>();
  /** Undefined: no trigrams are kept. */
  readonly #group: TrigramGroup | undefined;
  #rows: number;

  private constructor(parts: {
    readonly file: VolumeFile;
    readonly inode: string;
    readonly database: Database;
    readonly group: TrigramGroup | undefined;
    readonly rows: number;
  }) {
    this.file = parts.file;
    this.inode = parts.inode;
    this.#database = parts.database;
    this.#group = parts.group;
    this.#rows = parts.rows;
  }

  /** Opens the volume, or makes it. Rejects as SQLite does; with UnknownVolume for one that another version wrote. */
  static async open(
    file: VolumeFile,
    {
      sqlite,
      mode,
      hasTrigrams,
    }: { readonly sqlite: OpenDatabase; readonly mode: number; readonly hasTrigrams: boolean },
  ): Promise<VolumeWriter> {
    // SQLite makes files that others may read; those beside it get the mode of this one.
    await (await open(file.path, 'a', mode)).close();
    await syncFolder(dirname(file.path));
    const database = await sqlite(file.path);
    try {
      // Of a new file: several records fit into a page.
      await database.exec('PRAGMA page_size = 16384');
      await database.exec('PRAGMA journal_mode = WAL');
      await database.exec('PRAGMA wal_autocheckpoint = 256');
      await database.exec('PRAGMA synchronous = FULL');
      if ((await numberIn(database, 'PRAGMA user_version')) === 0) await make(database);
      await assertVersion(database, file);
      const rows = await numberIn(database, countRows);
      const group = hasTrigrams ? new TrigramGroup() : undefined;
      if (group !== undefined) await fill(group, database, rows);
      return new VolumeWriter({ file, inode: await inodeOf(file), database, group, rows });
    } catch (error) {
      database.close();
      throw error;
    }
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Keeps those that are not here yet, and resolves with how many that were. After it has rejected, the writer is of no use any more: what it knows in memory is ahead of
   * the file.
   */
  async append(all: readonly Incoming[]): Promise<number> {
    await this.#database.exec('BEGIN IMMEDIATE');
    try {
      await this.#catchUp();
      const fresh = await this.#without(all);
      if (fresh.length > 0) await this.#insert(fresh);
      await this.#database.exec('COMMIT');
      return fresh.length;
    } catch (error) {
      await this.#database.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Once nothing more comes: what is in the log goes into the file. */
  async finish(): Promise<void> {
    await this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    this.#database.close();
  }

  /** Another writer may have been here. */
  async #catchUp(): Promise<void> {
    const [row = []] = await this.#all(countRows, []);
    const rows = Number(row[0]);
    if (rows === this.#rows) return;
    this.#rows = rows;
    this.#segments.clear();
    this.#group?.clear();
    if (this.#group !== undefined) await fill(this.#group, this.#database, rows);
  }

  async #without(all: readonly Incoming[]): Promise<readonly Incoming[]> {
    const taken = new Map<string, ReadonlySet<number>>();
    for (const segment of new Set(all.map((each) => each.segment))) {
      const places = all.filter((each) => each.segment === segment).map(({ place }) => place);
      const [from, to] = [Math.min(...places), Math.max(...places)];
      const there = await placesIn((sql) => this.#statement(sql), segment, from, to);
      taken.set(segment, new Set(there));
    }
    return all.filter(({ segment, place }) => taken.get(segment)?.has(place) !== true);
  }

  async #insert(all: readonly Incoming[]): Promise<void> {
    for (const segment of new Set(all.map((each) => each.segment))) await this.#add(segment);
    let at = 0;
    for (const size of statementSizes)
      for (; all.length - at >= size; at += size) await this.#insertSome(all.slice(at, at + size));
  }

  async #insertSome(some: readonly Incoming[]): Promise<void> {
    const [narrow, wide]: [Cell[], Cell[]] = [[], []];
    const all = encodeAll(some.map(({ record }) => record));
    for (const [at, { segment, place, record }] of some.entries()) {
      const row = this.#rows++;
      const stored = all[at];
      if (stored === undefined) throw new ContractError('each record is encoded');
      const id = this.#segments.get(segment) ?? null;
      narrow.push(row, id, place, ...columnsOf(record), stored.bytes.length);
      wide.push(row, stored.bytes);
      if (this.#group === undefined) continue;
      const spans = spanned(record);
      const { request, response } = stored;
      this.#group.add(
        row % rowsPerGroup,
        withPlainBody(request ?? recordedMessage(spans, slotOf.raw_request)),
      );
      this.#group.add(
        row % rowsPerGroup,
        withPlainBody(response ?? recordedMessage(spans, slotOf.raw_response)),
      );
      if (row % rowsPerGroup === rowsPerGroup - 1)
        await this.#storeGroup(Math.floor(row / rowsPerGroup));
    }
    await this.#run(
      `INSERT INTO record VALUES ${rowsOf(some.length, recordColumns.length + 4)}`,
      narrow,
    );
    await this.#run(`INSERT INTO stored VALUES ${rowsOf(some.length, 2)}`, wide);
  }

  async #storeGroup(group: number): Promise<void> {
    const pages = this.#group?.pages() ?? [];
    for (let at = 0; at < pages.length; at += 32) {
      const some = pages.slice(at, at + 32);
      const values = some.flatMap((words, index) => [group * pagesPerGroup + at + index, words]);
      await this.#run(`INSERT INTO trigram VALUES ${rowsOf(some.length, 2)}`, values);
    }
    this.#group?.clear();
  }

  async #add(segment: string): Promise<void> {
    if ((await this.#idOf(segment)) !== undefined) return;
    await this.#run('INSERT INTO segment (name) VALUES (?)', [segment]);
    await this.#idOf(segment);
  }

  async #idOf(segment: string): Promise<number | undefined> {
    const known = this.#segments.get(segment);
    if (known !== undefined) return known;
    const [row] = await this.#all('SELECT id FROM segment WHERE name = ?', [segment]);
    if (row === undefined) return undefined;
    const id = Number(row[0]);
    if (this.#segments.size >= 1_000) this.#segments.clear();
    this.#segments.set(segment, id);
    return id;
  }

  async #run(sql: string, values: readonly Cell[]): Promise<void> {
    await (await this.#statement(sql)).run(values);
  }

  async #all(sql: string, values: readonly Cell[]): Promise<readonly (readonly Cell[])[]> {
    return (await this.#statement(sql)).all(values);
  }

  async #statement(sql: string): Promise<Statement> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = await this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

export async function placesIn(
  prepared: (sql: string) => Promise<Statement>,
  segment: string,
  from: number,
  to: number,
): Promise<readonly number[]> {
  const statement = await prepared(
    'SELECT place FROM record WHERE segment = (SELECT id FROM segment WHERE name = ?) AND place BETWEEN ? AND ?',
  );
  return (await statement.all([segment, from, to])).map(([place]) => Number(place));
}

/** A file that another version of the store wrote. */
class UnknownVolume extends Error {}

export async function assertVersion(database: Database, { name }: VolumeFile): Promise<void> {
  const version = await numberIn(database, 'PRAGMA user_version');
  if (version === storeVersion) return;
  throw new UnknownVolume(
    `${name} has the layout ${String(version)} of another version, expected ${String(storeVersion)}`,
  );
}

async function numberIn(database: Database, sql: string): Promise<number> {
  const [row = []] = await (await database.prepare(sql)).all([]);
  return Number(row[0]);
}

/** So that the name of a new file survives a power cut. */
async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** All of it or nothing: a file whose making was interrupted is empty. */
async function make(database: Database): Promise<void> {
  await database.exec('BEGIN IMMEDIATE');
  for (const statement of schema) await database.exec(statement);
  await database.exec('COMMIT');
}

const countRows = 'SELECT coalesce(max(row), -1) + 1 FROM record';

/** With what the rows behind the last whole group have: it is not on the disk. */
async function fill(group: TrigramGroup, database: Database, rows: number): Promise<void> {
  const from = rows - (rows % rowsPerGroup);
  const statement = await database.prepare('SELECT row, record FROM stored WHERE row >= ?');
  for (const [row, stored] of await statement.all([from])) {
    const record = spanned(decodeStored(stored as Uint8Array));
    group.add(Number(row) % rowsPerGroup, searchedMessage(record, slotOf.raw_request));
    group.add(Number(row) % rowsPerGroup, searchedMessage(record, slotOf.raw_response));
  }
}

const rowsOf = (rows: number, columns: number): string =>
  Array.from({ length: rows }, () => `(${Array(columns).fill('?').join(',')})`).join(',');

export async function inodeOf({ path }: VolumeFile): Promise<string> {
  const { dev, ino } = await stat(path);
  return `${String(dev)}:${String(ino)}`;
}

import { type Dialect, quoteTable } from '../dialect/dialect.ts';
import type { Cell, Connection } from '../driver/driver.ts';
import { type Block, keyOf, merged, type Noted } from './blocks.ts';

/**
 * Which records are stored, noted in the transaction that stores them. A record that comes again, whether its answer was
 * lost or another instance had it too, is found here and left out; two that come at once wait for each other at the rows
 * of their blocks.
 */
export const notesTable = 'sluice_delivered';

/** Of a route and what it writes to: two routes do not take each other's records for their own. */
export class Notes {
  readonly #dialect: Dialect;
  readonly #owner: string;

  constructor(dialect: Dialect, owner: string) {
    this.#dialect = dialect;
    this.#owner = owner;
  }

  /** Begins a transaction, and holds the blocks until its end. */
  async begin(connection: Connection, blocks: readonly Block[]): Promise<Noted> {
    const { begin, name } = this.#dialect;
    const cells =
      name === 'postgres'
        ? await connection.run([begin, `${this.#hold(blocks)} RETURNING segment, block, records`])
        : await connection.run([begin, this.#hold(blocks), this.#read(blocks)]);
    return notedIn(cells);
  }

  /** The statement that notes the records of the blocks, those that were noted before included. */
  note(blocks: readonly Block[], noted: Noted): string {
    const rows = blocks.map((block) => this.#row(block, merged(block, noted)));
    return `${this.#insert(rows)} ${this.#onConflict(['records', 'noted_at'])}`;
  }

  /** Rows are taken in the order of the list, also those that are there: an update that changes nothing takes them. */
  #hold(blocks: readonly Block[]): string {
    const rows = blocks.map((block) => this.#row(block, new Uint8Array(0)));
    return `${this.#insert(rows)} ${this.#onConflict(['noted_at'])}`;
  }

  #insert(rows: readonly string[]): string {
    return `INSERT INTO ${quoteTable(this.#dialect, notesTable)} (route, segment, block, records, noted_at) VALUES ${rows.join(',')}`;
  }

  #row({ segment, number }: Block, records: Uint8Array): string {
    const { literal, bytes, ago } = this.#dialect;
    return `(${literal(this.#owner)},${literal(segment)},${number},${bytes(records)},${ago(0)})`;
  }

  #onConflict(columns: readonly string[]): string {
    const { onConflict, fresh, quote } = this.#dialect;
    const sets = columns.map((column) => `${quote(column)} = ${fresh(column)}`);
    return `${onConflict(['route', 'segment', 'block'])} ${sets.join(', ')}`;
  }

  #read(blocks: readonly Block[]): string {
    const { literal, name } = this.#dialect;
    const places = blocks.map(({ segment, number }) => `(${literal(segment)},${number})`);
    const values = name === 'sqlite' ? `VALUES ${places.join(',')}` : places.join(',');
    const lock = name === 'mysql' ? ' FOR UPDATE' : '';
    return `SELECT segment, block, records FROM ${notesTable} WHERE route = ${literal(this.#owner)} AND (segment, block) IN (${values})${lock}`;
  }
}

function notedIn(cells: readonly (readonly Cell[])[]): Noted {
  const noted = new Map<string, Uint8Array>();
  for (const [segment, block, records] of cells)
    if (records instanceof Uint8Array && records.length > 0)
      noted.set(keyOf(String(segment), Number(block)), records);
  return noted;
}

/** Makes the table. Harmless where it is there. */
export function notesTableStatements(dialect: Dialect): readonly string[] {
  const [text, binary, time] = {
    postgres: ['text', 'bytea', 'timestamptz'],
    mysql: [
      'varchar(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'varbinary(128)',
      'datetime(3)',
    ],
    sqlite: ['text', 'blob', 'datetime'],
  }[dialect.name] as [string, string, string];
  const index = 'sluice_delivered_idx_noted_at';
  const columns = [
    `route ${text} NOT NULL`,
    `segment ${text} NOT NULL`,
    'block bigint NOT NULL',
    `records ${binary} NOT NULL`,
    `noted_at ${time} NOT NULL`,
    'PRIMARY KEY (route, segment, block)',
    ...(dialect.name === 'mysql' ? [`KEY ${index} (noted_at)`] : []),
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${notesTable} (${columns.join(', ')})`,
    ...(dialect.name === 'mysql'
      ? []
      : [`CREATE INDEX IF NOT EXISTS ${index} ON ${notesTable} (noted_at)`]),
  ];
}

/** Rows that one statement deletes. */
export const portionOfNotes = 1_000;

/** How many are that old, as far as a portion goes. */
export const countStatement = ({ ago }: Dialect, age: number): string =>
  `SELECT count(*) FROM (SELECT 1 FROM ${notesTable} WHERE noted_at < ${ago(age)} LIMIT ${portionOfNotes}) old`;

/** Deletes a portion of the notes of so long ago, of all routes. */
export function forgetStatement({ name, ago }: Dialect, age: number): string {
  const old = `noted_at < ${ago(age)}`;
  if (name === 'mysql') return `DELETE FROM ${notesTable} WHERE ${old} LIMIT ${portionOfNotes}`;
  const row = name === 'postgres' ? 'ctid' : 'rowid';
  const which = `SELECT ${row} FROM ${notesTable} WHERE ${old} LIMIT ${portionOfNotes}`;
  return name === 'postgres'
    ? `DELETE FROM ${notesTable} WHERE ctid = ANY (ARRAY (${which}))`
    : `DELETE FROM ${notesTable} WHERE rowid IN (${which})`;
}

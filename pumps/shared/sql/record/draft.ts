import { ByteWriter, copyWriter, type Entry } from '#pump';
import type { Table } from '../table.ts';
import type { Transaction } from '../transaction.ts';
import type { SqlRow } from '../value.ts';
import type { RecordColumn } from './record-columns.ts';
import { rowMaker } from './record-row.ts';

/** Records that go into one table. */
export interface Group {
  readonly table: Table;
  readonly entries: readonly Entry[];
}

/** Records as the database takes them. */
export interface Draft {
  write(transaction: Transaction): Promise<void>;
  /** Nobody reads it any more: its memory may be written over. */
  release(): void;
}

export type DraftMaker = (groups: readonly Group[]) => Draft;

/** Lines of COPY, in memory that is used again. */
export function linesOf(columns: readonly RecordColumn[]): DraftMaker {
  const writeLine = copyWriter(columns.map(({ value }) => value));
  const free: ByteWriter[] = [];
  return (groups) => {
    const out = free.pop() ?? new ByteWriter();
    const ends = groups.map(({ entries }) => {
      for (const { record } of entries) writeLine(record, out);
      return out.length;
    });
    return {
      async write({ copy }) {
        const lines = out.view();
        for (const [at, { table }] of groups.entries())
          await copy?.(table, lines.subarray(ends[at - 1] ?? 0, ends[at]));
      },
      release() {
        out.clear();
        free.push(out);
      },
    };
  };
}

/** Rows of INSERTs. */
export function rowsOf(columns: readonly RecordColumn[]): DraftMaker {
  const rowOf = rowMaker(columns);
  return (groups) => {
    const rows = groups.map(({ entries }): readonly SqlRow[] =>
      entries.map(({ record }) => rowOf(record)),
    );
    return {
      async write(transaction) {
        for (const [at, { table }] of groups.entries())
          await transaction.insert(table, rows[at] ?? []);
      },
      release: () => undefined,
    };
  };
}

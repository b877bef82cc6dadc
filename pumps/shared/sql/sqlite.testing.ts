import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { PreparedPump, Pump } from '#pump';
import { aPreparedPump, type RecordOverrides, type SinkHarness } from '#pump/testing';
import { collectStatements } from '../../../src/lib/collect-statements.testing.ts';
import { sqliteDriver } from './driver/sqlite.ts';

/** Where a pump's records are found again. */
export interface Place {
  readonly table: string;
  /** The column that holds a record's path, and perhaps one with how many records there are of it. */
  readonly path: string;
  readonly meta?: object;
  /** What a record needs for the pump to take it. */
  readonly fields?: RecordOverrides;
}

/** A pump into a new file. A file that is open is not noticed to have gone, and refuses no record. */
export async function sqliteHarness(
  pump: Pump,
  { table, path: column, meta, fields }: Place,
): Promise<SinkHarness> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-sqlite-'));
  const file = path.join(folder, 'analytics.db');
  const reader = sqliteDriver({ path: file });
  return {
    pump: collecting(aPreparedPump(pump, { type: 'sqlite', connection_string: file, ...meta })),
    cannotKnow: ['outage'],
    ...(fields === undefined ? {} : { fields }),
    async received() {
      const connection = await reader.connect(AbortSignal.timeout(5_000));
      const rows = await connection.run([`SELECT ${column} FROM ${table}`]);
      connection.destroy();
      return rows.flatMap(([text, copies = 1]) =>
        Array.from({ length: Number(copies) }, () => String(text)),
      );
    },
    break: () => Promise.resolve(),
    restore: () => Promise.resolve(),
    async stop() {
      await collectStatements();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a sink has closed is gone from the process at once, and not some time later. */
const collecting = (pump: PreparedPump): PreparedPump => ({
  ...pump,
  async open(context, signal) {
    const sink = await pump.open(context, signal);
    return {
      deliver: (batch, aborts) => sink.deliver(batch, aborts),
      check: (aborts) => sink.check(aborts),
      async close(aborts) {
        await sink.close(aborts);
        await collectStatements();
      },
    };
  },
});

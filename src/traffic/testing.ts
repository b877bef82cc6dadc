/** For tests: what is in a store, read without the query port. */
import type { AnalyticsRecord } from '../record/record.ts';
import { loadSqlite } from './libsql.ts';
import { decodeStored } from './store/codec.ts';
import { volumesIn } from './store/volumes.ts';

export interface StoredCall {
  readonly id: string;
  readonly record: AnalyticsRecord;
}

/** All calls of a store, in the order in which they came. */
export async function storedCalls(folder: string): Promise<readonly StoredCall[]> {
  const sqlite = await loadSqlite();
  const calls: StoredCall[] = [];
  for (const { path } of await volumesIn(folder).catch(() => [])) {
    const database = await sqlite(path);
    const statement = await database.prepare(
      'SELECT name, place, stored.record FROM record JOIN stored USING (row) JOIN segment ON segment.id = segment ORDER BY row',
    );
    for (const [name, place, stored] of await statement.all([]))
      calls.push({
        id: `${String(name)}:${String(place)}`,
        record: decodeStored(stored as Uint8Array),
      });
    database.close();
  }
  return calls;
}

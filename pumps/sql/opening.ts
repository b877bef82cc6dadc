import type { PumpContext, Sink } from '#pump';
import { recordColumns } from '../shared/sql/record/record-columns.ts';
import { openRecordSink } from '../shared/sql/record/record-sink.ts';
import { type RecordTable, usualIndexes } from '../shared/sql/record/record-table.ts';
import type { Options } from './options.ts';

const table: RecordTable = {
  name: 'tyk_analytics',
  columns: recordColumns,
  indexed: usualIndexes,
};

/** Records of MCP have a pump of their own. */
export const openSink = (
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> =>
  openRecordSink(
    { options, table, isMeant: (record) => !record.flag('mcp_stats.is_mcp') },
    context,
    signal,
  );

import type { PumpContext, Sink } from '#pump';
import { column, prefixed } from '../shared/sql/record/record-columns.ts';
import { openRecordSink } from '../shared/sql/record/record-sink.ts';
import type { Options } from './options.ts';

const columns = [
  column('jsonrpc_method', { form: 'text', field: 'mcp_stats.jsonrpc_method' }),
  column('primitive_type', { form: 'text', field: 'mcp_stats.primitive_type' }),
  column('primitive_name', { form: 'text', field: 'mcp_stats.primitive_name' }),
  ...prefixed('analytics_'),
];

/** Records of MCP, the others have pumps of their own. */
export function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const name = options.table_name === '' ? 'tyk_analytics_mcp' : options.table_name;
  return openRecordSink(
    {
      options,
      table: { name, columns, indexed: [] },
      isMeant: (record) => record.flag('mcp_stats.is_mcp'),
    },
    context,
    signal,
  );
}

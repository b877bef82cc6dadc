import type { PumpContext, Sink } from '#pump';
import { column, prefixed } from '../shared/sql/record/record-columns.ts';
import { openRecordSink } from '../shared/sql/record/record-sink.ts';
import type { Options } from './options.ts';

const columns = [
  column('types', { form: 'graph-types' }),
  ...prefixed('analytics_'),
  column('operation_type', {
    form: 'named',
    field: 'graphql_stats.OperationType',
    names: ['', 'Query', 'Mutation', 'Subscription'],
  }),
  column('variables', { form: 'text', field: 'graphql_stats.Variables' }),
  column('root_fields', { form: 'list', field: 'graphql_stats.RootFields' }),
  column('errors', { form: 'graph-errors' }),
  column('has_errors', { form: 'flag', field: 'graphql_stats.HasErrors' }),
];

/** Records of GraphQL, the others have pumps of their own. */
export function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Sink> {
  const name = options.table_name === '' ? 'tyk_analytics_graph' : options.table_name;
  return openRecordSink(
    {
      options,
      table: { name, columns, indexed: [] },
      isMeant: (record) => record.flag('graphql_stats.IsGraphQL'),
    },
    context,
    signal,
  );
}

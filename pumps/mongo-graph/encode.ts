import { type AnalyticsRecord, type ComputedFields, type Shape, storedDocument } from '#pump';

/** By the numbers of the gateway. */
const operations = ['', 'Query', 'Mutation', 'Subscription'];

const operationOf = (record: AnalyticsRecord): string =>
  operations[Number(record.integer('graphql_stats.OperationType'))] ?? '';

const hasErrors = (record: AnalyticsRecord): boolean =>
  record.flag('graphql_stats.HasErrors') || record.integer('response_code') >= 400;

/** The record, and what it says of GraphQL. */
export const documentShape: Shape = [
  ...storedDocument,
  { key: 'types', value: { form: 'graph-types' } },
  { key: 'operationtype', value: { form: 'integer', field: 'graphql_stats.OperationType' } },
  { key: 'variables', value: { form: 'text', field: 'graphql_stats.Variables' } },
  { key: 'rootfields', value: { form: 'list', field: 'graphql_stats.RootFields' } },
  { key: 'errors', value: { form: 'graph-errors' } },
  { key: 'haserrors', value: { form: 'flag', field: 'graphql_stats.HasErrors' } },
];

export const computed: ComputedFields = {
  'graphql_stats.OperationType': operationOf,
  'graphql_stats.HasErrors': hasErrors,
};

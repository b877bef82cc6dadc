import { type AnalyticsRecord, type BsonShape, storedShape } from '#pump';

/** By the numbers of the gateway. */
const operations = ['', 'Query', 'Mutation', 'Subscription'];

const operationOf = (record: AnalyticsRecord): string =>
  operations[Number(record.integer('graphql_stats.OperationType'))] ?? '';

const hasErrors = (record: AnalyticsRecord): boolean =>
  record.flag('graphql_stats.HasErrors') || record.integer('response_code') >= 400;

/** The record, and what it says of GraphQL. */
export const shape: BsonShape = [
  ...storedShape,
  { key: 'types', value: { form: 'field', field: 'graphql_stats.Types' } },
  { key: 'operationtype', value: { form: 'computed', compute: operationOf } },
  { key: 'variables', value: { form: 'field', field: 'graphql_stats.Variables' } },
  { key: 'rootfields', value: { form: 'field', field: 'graphql_stats.RootFields' } },
  { key: 'errors', value: { form: 'field', field: 'graphql_stats.Errors' } },
  { key: 'haserrors', value: { form: 'computed', compute: hasErrors } },
];

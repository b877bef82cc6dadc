import { tableOf as aggregateTableOf } from '../shared/sql/aggregate/aggregate-table.ts';
import { indexOf, type Table } from '../shared/sql/table.ts';

/** Of the table, or what is before the day. */
export const tableName = 'tyk_uptime_analytics';
export const shardOf = (day: string): string => `${tableName}_${day}`;

const indexed = ['timestamp', 'org_id', 'dimension', 'dimension_value'];

/** The table of that name: that of aggregates, with an index of another order, whose name is no other day's. */
export const tableOf = (name: string): Table => ({
  ...aggregateTableOf({ isByApi: false, hasIndex: false }, name),
  indexes: [indexOf(name, 'dimension', indexed)],
});

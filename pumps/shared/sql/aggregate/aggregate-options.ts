import {
  dimensionNames,
  flag,
  integer,
  type Limits,
  list,
  mebibytes,
  millis,
  type OptionsOf,
  type Rule,
  rulesFor,
  text,
} from '#pump';
import { sqlProblems } from '../option-rules.ts';
import { sqlOptions } from '../options.ts';

const gatewayOnly = 'paths are counted if the gateway tracks them, and every tag is counted';
const notForSql = 'tags have their own rows here, so no document grows too large with them';

/** What the operator may say of aggregates. Names and environment suffixes are Tyk's (tyk-pump.md, "sql_aggregate"). */
const common = {
  threshold_len_tag_list: integer({
    doc: 'In Tyk Pump for MongoDB: warns about a document with more tags.',
    default: 0,
    withoutEffect: notForSql,
    isQuiet: true,
  }),
  store_analytics_per_minute: flag({
    doc: 'Counts by minute instead of by hour.',
    default: false,
  }),
  ignore_aggregations: list(text({ doc: 'A dimension.' }), {
    doc: 'Dimensions that are not stored, such as `["apikeys", "keyendpoints"]`. In Tyk Pump this has an effect only for MongoDB.',
    default: [],
    env: 'IGNOREAGGREGATIONSLIST',
  }),
  omit_index_creation: flag({ doc: 'Creates no index on the table.', default: false }),
};

export const aggregateOptions = {
  ...sqlOptions,
  track_all_paths: flag({
    doc: 'Counts the paths of all records, not only of those that the gateway tracks.',
    default: false,
  }),
  ignore_tag_prefix_list: list(text({ doc: 'A prefix.' }), {
    doc: 'Tags that begin with one of these are not counted.',
    default: [],
  }),
  ...common,
};

/** Of the pumps of GraphQL and MCP. */
export const specialAggregateOptions = {
  ...sqlOptions,
  track_all_paths: flag({
    doc: 'Tyk Pump accepts it.',
    default: false,
    withoutEffect: gatewayOnly,
  }),
  ignore_tag_prefix_list: list(text({ doc: 'A prefix.' }), {
    doc: 'Tyk Pump accepts it.',
    default: [],
    withoutEffect: gatewayOnly,
    isQuiet: true,
  }),
  ...common,
};

export type AggregateOptions = OptionsOf<typeof aggregateOptions>;

const { warning } = rulesFor<AggregateOptions>();

/** What one option alone cannot say. */
export function* aggregateProblems(options: AggregateOptions): Iterable<Rule> {
  yield* sqlProblems(options);
  const unknown = options.ignore_aggregations.filter((name) => !isDimension(name));
  if (unknown.length > 0)
    yield warning(
      'ignore_aggregations',
      unknown.map((name) => `"${name}"`).join(', '),
      `names among ${dimensionNames.join(', ')}`,
    );
}

/** As Tyk Pump has it for MongoDB, capitals make no difference. */
export const leftOutOf = ({ ignore_aggregations }: AggregateOptions): ReadonlySet<string> =>
  new Set(ignore_aggregations.map((name) => name.toLowerCase()));

const isDimension = (name: string): boolean => dimensionNames.includes(name.toLowerCase());

/** The more records a batch has, the fewer rows it takes for each. One is counted while another one is stored. */
export const aggregateLimits = ({ type }: AggregateOptions): Limits => ({
  // SQLite writes in one thread of this process.
  records: type === 'sqlite' ? 500 : 20_000,
  bytes: mebibytes(14),
  age: millis(2_000),
  inFlight: type === 'sqlite' ? 1 : 2,
});

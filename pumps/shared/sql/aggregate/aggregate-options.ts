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

const gatewayOnly = 'paths count where the gateway tracks them, and every tag';
const notForSql = 'tags have rows of their own here, and no document grows too large with them';

/** What the operator may say of aggregates. Names and environment suffixes are Tyk's (tyk-pump.md, "sql_aggregate"). */
const common = {
  threshold_len_tag_list: integer({
    doc: 'Tyk Pump for MongoDB: warns of a document with more tags.',
    default: 0,
    withoutEffect: notForSql,
    isQuiet: true,
  }),
  store_analytics_per_minute: flag({
    doc: 'Rows are of a minute instead of an hour.',
    default: false,
  }),
  ignore_aggregations: list(text({ doc: 'A dimension.' }), {
    doc: 'Dimensions that are not stored, such as `["apikeys", "keyendpoints"]`. In Tyk Pump this has an effect for MongoDB alone.',
    default: [],
    env: 'IGNOREAGGREGATIONSLIST',
  }),
  omit_index_creation: flag({ doc: 'Makes no index on the table.', default: false }),
};

export const aggregateOptions = {
  ...sqlOptions,
  track_all_paths: flag({
    doc: 'Paths count of all records, and not of those alone that the gateway was told to track.',
    default: false,
  }),
  ignore_tag_prefix_list: list(text({ doc: 'A prefix.' }), {
    doc: 'Tags that begin so are not counted.',
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

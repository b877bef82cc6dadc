import {
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
import { mongoProblems } from '../option-rules.ts';
import { mongoOptions } from '../options.ts';

/** Of the pumps that count, by Tyk's names (tyk-pump.md, "mongo"). */
const common = {
  ...mongoOptions,
  use_mixed_collection: flag({
    doc: 'Also writes every document to one collection for all organisations.',
    default: false,
  }),
  store_analytics_per_minute: flag({
    doc: 'Uses a document for each minute, whatever `aggregation_time` says.',
    default: false,
  }),
  aggregation_time: integer({
    doc: 'Minutes that one document covers, within an hour: 1 to 60. Anything else means 60.',
    default: 60,
  }),
  enable_aggregate_self_healing: flag({
    doc: 'If a document has reached the server’s maximum size, begins another one for the rest of its time.',
    default: false,
  }),
};

const noun =
  'calls of MCP are counted by API, version, key, client, country, tag, method and primitive';

interface Effect {
  readonly withoutEffect?: string;
  readonly isQuiet?: true;
}

const counted = (effect: Effect = {}) => ({
  track_all_paths: flag({
    ...effect,
    doc: 'Counts by path even if the gateway was not told to track it.',
    default: false,
  }),
  ignore_tag_prefix_list: list(text({ doc: 'The begin of a tag.' }), {
    ...effect,
    doc: 'Tags that begin with one of these are not counted.',
    default: [],
    env: 'IGNORETAGPREFIXLIST',
  }),
  threshold_len_tag_list: integer({
    ...effect,
    doc: 'Warns about a document with more tags than this. −1: never.',
    default: 1_000,
    min: -1,
  }),
  ignore_aggregations: list(text({ doc: 'A dimension.' }), {
    ...effect,
    doc: 'Dimensions that are not written: `APIID`, `Errors`, `Versions`, `APIKeys`, `OauthIDs`, `Geo`, `Tags`, `Endpoints`, `KeyEndpoint`, `OauthEndpoint`, `ApiEndpoint`, or their names in the documents. The total always is.',
    default: [],
    env: 'IGNOREAGGREGATIONSLIST',
  }),
});

export const restOptions = { ...common, ...counted() };
export const mcpOptions = { ...common, ...counted({ withoutEffect: `${noun}, as in Tyk Pump` }) };

export type AggregateOptions = OptionsOf<typeof restOptions>;

const { warning } = rulesFor<AggregateOptions>();

export function* aggregateProblems(options: AggregateOptions): Iterable<Rule> {
  yield* mongoProblems(options);
  if (options.aggregation_time < 1 || options.aggregation_time > 60)
    yield warning('aggregation_time', 'no such time', 'minutes from 1 to 60; 60 is used');
  for (const [at, name] of options.ignore_aggregations.entries())
    if (dimensionNamed(name) === undefined)
      yield warning(
        `ignore_aggregations[${at}]`,
        'no dimension',
        `one of ${[...dimensions.keys()].join(', ')}`,
      );
}

/** By the names of the option. */
const dimensions: ReadonlyMap<string, string> = new Map([
  ['APIID', 'apiid'],
  ['Errors', 'errors'],
  ['Versions', 'versions'],
  ['APIKeys', 'apikeys'],
  ['OauthIDs', 'oauthids'],
  ['Geo', 'geo'],
  ['Tags', 'tags'],
  ['Endpoints', 'endpoints'],
  ['KeyEndpoint', 'keyendpoints'],
  ['OauthEndpoint', 'oauthendpoints'],
  ['ApiEndpoint', 'apiendpoints'],
]);

function dimensionNamed(name: string): string | undefined {
  const known = dimensions.get(name);
  if (known !== undefined) return known;
  return [...dimensions.values()].find((bson) => bson === name.toLowerCase());
}

export const ignoredDimensions = ({ ignore_aggregations }: AggregateOptions): ReadonlySet<string> =>
  new Set(ignore_aggregations.map(dimensionNamed).filter((name) => name !== undefined));

export function bucketMinutes(options: AggregateOptions): number {
  if (options.store_analytics_per_minute) return 1;
  const { aggregation_time: minutes } = options;
  return minutes >= 1 && minutes <= 60 ? minutes : 60;
}

/** Large batches, one at a time: each changes every document that it has records of. */
export const aggregateLimits: Limits = {
  records: 10_000,
  bytes: mebibytes(16),
  age: millis(2_000),
  inFlight: 1,
};

import type { OptionsOf } from '#pump';
import { aggregateOptions } from '../shared/sql/aggregate/aggregate-options.ts';

/** What the operator may say: what every pump of aggregates into a database has. */
export const options = aggregateOptions;

export type Options = OptionsOf<typeof options>;

import type { OptionsOf } from '#pump';
import { specialAggregateOptions } from '../shared/sql/aggregate/aggregate-options.ts';

/** What the operator may say: what every pump of aggregates into a database has. */
export const options = specialAggregateOptions;

export type Options = OptionsOf<typeof options>;

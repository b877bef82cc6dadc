import type { OptionsOf } from '#pump';
import { sqlOptions } from '../shared/sql/options.ts';

/** What the operator may say: what every pump into a database has. */
export const options = sqlOptions;

export type Options = OptionsOf<typeof options>;

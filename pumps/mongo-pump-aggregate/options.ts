import { restOptions } from '../shared/mongo/aggregate/options.ts';

/** Names and environment suffixes are Tyk's (tyk-pump.md, "mongo"). */
export const options = restOptions;

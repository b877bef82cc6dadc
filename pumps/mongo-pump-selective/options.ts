import { insertOptions } from '../shared/mongo/raw-options.ts';

/** Names and environment suffixes are Tyk's (tyk-pump.md, "mongo"). */
export const options = insertOptions;

import { ineffective, type OptionsOf } from '#pump';
import { collectionOptions } from '../shared/mongo/raw-options.ts';
import { sqlOptions } from '../shared/sql/options.ts';
import { uptimeType } from '../shared/uptime/type.ts';

const own = { uptime_type: uptimeType, ...sqlOptions };

/** What the operator may say: the options of both databases stand side by side. */
export const options: typeof own = {
  ...own,
  ...ineffective(collectionOptions, '`uptime_type` is `sql`'),
};

export type Options = OptionsOf<typeof options>;

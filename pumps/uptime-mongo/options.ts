import { ineffective, type OptionsOf } from '#pump';
import { collectionOptions } from '../shared/mongo/raw-options.ts';
import { sqlOptions } from '../shared/sql/options.ts';
import { uptimeType } from '../shared/uptime/type.ts';

const { collection_name, max_document_size_bytes, ...effective } = collectionOptions;
const own = { uptime_type: uptimeType, ...effective };

/** What the operator may say: the options of both databases stand side by side. */
export const options: typeof own = {
  ...own,
  ...ineffective(
    { collection_name },
    'uptime records go to `tyk_uptime_analytics`, as in Tyk Pump',
  ),
  ...ineffective({ max_document_size_bytes }, 'an uptime record has no payload'),
  ...ineffective(sqlOptions, '`uptime_type` is not `sql`'),
};

export type Options = OptionsOf<typeof own>;

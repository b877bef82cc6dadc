import { type OptionsOf, text } from '#pump';
import { sqlOptions } from '../shared/sql/options.ts';

/** What the operator may say. Names and environment suffixes are Tyk's (tyk-pump.md, "sql"). */
export const options = {
  ...sqlOptions,
  table_name: text({
    doc: 'Name of the table; with `table_sharding` the part before the day. Empty: `tyk_analytics_mcp`.',
    default: '',
  }),
};

export type Options = OptionsOf<typeof options>;

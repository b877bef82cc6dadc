import type { Variant } from '#pump';

/** What an aggregate pump calls its collections and keeps in them. */
export interface AggregatePlan {
  readonly variant: Variant & ('rest' | 'mcp');
  /** Before the name of an organisation. */
  readonly prefix: string;
  readonly mixedCollection: string;
  /** Dimensions that a document has lists of. */
  readonly listed: ReadonlySet<string>;
}

const listed = [
  ...['apiid', 'errors', 'versions', 'apikeys', 'oauthids', 'geo', 'tags', 'endpoints'],
  ...['keyendpoints', 'oauthendpoints', 'apiendpoints'],
];

export const restPlan: AggregatePlan = {
  variant: 'rest',
  prefix: 'z_tyk_analyticz_aggregate_',
  mixedCollection: 'tyk_analytics_aggregates',
  listed: new Set(listed),
};

export const mcpPlan: AggregatePlan = {
  variant: 'mcp',
  prefix: 'z_tyk_mcp_analyticz_aggregate_',
  mixedCollection: 'tyk_mcp_analytics_aggregate',
  listed: new Set([...listed, 'methods', 'primitives', 'names']),
};

/** Dimensions whose values stand below a key or an OAuth client. */
export const nestedDimensions: ReadonlySet<string> = new Set(['keyendpoints', 'oauthendpoints']);

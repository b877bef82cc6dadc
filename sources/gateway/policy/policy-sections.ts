/** The fields of a policy and of the rights in it, as of the gateway's `user.Policy` (version 5). */
import { flag, integer, list, number, text } from '#source';
import { quiet, refused, type Section } from '../definition/treatment.ts';

export const policySection = {
  obeyed: {
    org_id: text({ doc: 'Counts for APIs of this organisation.', default: '' }),
    active: flag({ doc: 'False: as if it were not there.', default: true }),
    is_inactive: flag({ doc: 'True: its keys are inactive.', default: false }),
    tags: list(text({ doc: 'A tag.' }), { doc: 'Tags of the records of its keys.', default: [] }),
    key_expires_in: integer({ doc: 'No effect on keys that are there.', default: 0 }),
    rate: number({ doc: 'Calls …', default: 0 }),
    per: number({ doc: '… in so many seconds; 0 or less: no limit.', default: 0 }),
    quota_max: integer({ doc: 'Calls in a period; 0 or less: no limit.', default: 0 }),
    quota_renewal_rate: integer({
      doc: 'Seconds of the period; 0 or less: it never ends.',
      default: 0,
    }),
  },
  sections: ['access_rights', 'meta_data'],
  others: {
    id: quiet('the key of the policy says it'),
    _id: quiet('the database’s number of the policy'),
    name: quiet('a name for people'),
    state: quiet('a mark of the dashboard'),
    date_created: quiet('a date'),
    last_updated: quiet('a date'),
    quota_renews: quiet('a state of keys'),
    quota_remaining: quiet('a state of keys'),
    enable_http_signature_validation: quiet('counts for APIs that are refused'),
    hmac_enabled: quiet('counts for APIs that are refused'),
    partitions: refused('policies that are joined in parts'),
    throttle_interval: refused('calls that wait'),
    throttle_retry_limit: quiet('counts with `throttle_interval`, which is refused'),
    max_query_depth: quiet('counts for GraphQL, which is refused'),
    graphql_access_rights: refused('GraphQL'),
    smoothing: refused('limits that move', 'enabled'),
    post_expiry_action: quiet('keys are not written'),
    post_expiry_grace_period: quiet('keys are not written'),
  },
} satisfies Section;

export const rightSection = {
  obeyed: {
    versions: list(text({ doc: 'A version.' }), {
      doc: 'Versions of the API that may be called.',
      default: [],
    }),
  },
  sections: [],
  others: {
    api_id: quiet('the key of the right says it'),
    api_name: quiet('a name for people'),
    allowance_scope: quiet('counts with `limit`, which is refused'),
    allowed_urls: refused('rights to single paths'),
    limit: refused('limits of one API'),
    restricted_types: refused('GraphQL'),
    allowed_types: refused('GraphQL'),
    field_access_rights: refused('GraphQL'),
    disable_introspection: refused('GraphQL'),
    endpoints: refused('limits of endpoints'),
  },
} satisfies Section;

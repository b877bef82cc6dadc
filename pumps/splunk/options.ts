import { flag, integer, list, type OptionsOf, optional, secret, text, tlsOptions } from '#pump';

/**
 * What the operator may say. Names, units and environment suffixes are Tyk's (tyk-pump.md, "splunk"); ours come last.
 */
export const options = {
  collector_token: secret({ doc: 'Token of the HTTP Event Collector.' }),
  collector_url: secret({
    doc: 'URL of the collector: `https://localhost:8088`. Its path is always replaced. Never printed.',
  }),
  ...tlsOptions,
  obfuscate_api_keys: flag({ doc: 'Sends only the ends of API keys.', default: false }),
  obfuscate_api_keys_length: integer({
    doc: 'How many characters at the end of an API key stay readable.',
    default: 0,
    min: 0,
  }),
  fields: list(text({ doc: 'A name.', default: '' }), {
    doc: 'Keys of the events. Empty: the 14 keys below.',
    default: [],
  }),
  ignore_tag_prefix_list: list(text({ doc: 'A prefix.', default: '' }), {
    doc: 'Tags that begin with one of these are left out. Only with `tags` among `fields`.',
    default: [],
  }),
  enable_batch: flag({
    doc: 'Sends many events in one request. Without it each event is a separate request, which is much slower.',
    default: false,
  }),
  batch_max_content_length: integer({
    doc: 'Maximum bytes of a request with several events. 0: 838860800, which is the collector’s own limit; batches are smaller than that anyway.',
    default: 0,
    min: 0,
  }),
  max_retries: integer({
    doc: 'In Tyk Pump: further attempts of one request after the first.',
    default: 0,
    withoutEffect:
      'records wait in Redis and are sent until the collector accepts them, or a dead letter says why not',
    isQuiet: true,
  }),

  indexer_acknowledgement: flag({
    doc: 'Waits until the indexers have written the events. The token must have it enabled.',
    default: false,
  }),
  channel: optional(
    text({
      doc: 'Channel of the acknowledgements, a GUID. Default: a new one at each start.',
    }),
  ),
};

export type Options = OptionsOf<typeof options>;

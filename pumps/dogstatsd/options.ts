import { choice, flag, integer, list, number, type OptionsOf, optional, size, text } from '#pump';
import { sampleWeightDoc } from '../shared/metric-lines/tags.ts';

const name = text({ doc: 'A name.' });
const fieldNames = [
  'request_time',
  'latency_total',
  'latency_upstream',
  'latency_gateway',
] as const;
const field = choice(fieldNames, {
  doc: 'A field.',
});

/**
 * What the operator may say. Names and environment suffixes are Tyk's (tyk-pump.md, "statsd and dogstatsd"); ours come
 * last.
 */
export const options = {
  namespace: text({
    doc: 'Prefix of the metrics’ names; a dot is appended.',
    default: 'default',
  }),
  address: text({
    doc: 'The agent: `host:port` or `udp://host:port`, `unix:///path/of/the.socket` (datagrams), `tcp://host:port`. Empty: from `DD_AGENT_HOST` and `DD_DOGSTATSD_PORT` (8125), or `DD_DOGSTATSD_URL`.',
    default: '',
  }),
  sample_rate: number({
    doc: 'Share of the records that are sent, 0 to 1; the agent multiplies. 0: all.',
    default: 1,
  }),
  use_sample_weight: flag({ doc: sampleWeightDoc, default: false }),
  async_uds: flag({
    doc: 'Limits the wait for a Unix socket in Tyk Pump.',
    default: false,
    withoutEffect:
      'waiting for a full socket blocks nothing here, and ends when the attempt times out',
    isQuiet: true,
  }),
  async_uds_write_timeout_seconds: integer({
    doc: 'How long, in seconds.',
    default: 1,
    env: 'ASYNCUDSWRITETIMEOUT',
    withoutEffect:
      'waiting for a full socket blocks nothing here, and ends when the attempt times out',
    isQuiet: true,
  }),
  buffered: flag({
    doc: 'Puts at most `buffered_max_messages` lines into a datagram. Lines share datagrams either way.',
    default: false,
  }),
  buffered_max_messages: integer({
    doc: 'Maximum lines in a datagram with `buffered`. 0: 16.',
    default: 16,
    min: 0,
  }),
  tags: list(name, {
    doc: 'Tags of a line, in this order. Empty: `path`, `method`, `response_code`, `api_version`, `api_name`, `api_id`, `org_id`, `tracked`, and `oauth_id` where there is one.',
    default: [],
  }),

  fields: list<(typeof fieldNames)[number]>(field, {
    doc: 'Distributions to send: `request_time`, `latency_total`, `latency_upstream`, `latency_gateway`. One line each.',
    default: ['request_time'],
  }),
  obfuscate_api_keys: flag({
    doc: 'The tag `api_key` is `****` and the last four characters; `--` for a key that is not longer than those.',
    default: false,
  }),
  sanitise: choice(['off', 'breaking', 'all'], {
    doc: 'Which characters of a tag’s value become `_`: `off` none, as Tyk Pump does, `breaking` those that end a tag (`|`, `,`), `all` also `:`, `@` and `#`. Line ends are always removed.',
    default: 'off',
  }),
  packet_size: optional(
    size({
      doc: 'Maximum bytes of a datagram, which lines share. `0B`: one line each. Not set: `1432B` for UDP, which fits an Ethernet frame, `8192B` for a Unix socket.',
    }),
  ),
};

export type Options = OptionsOf<typeof options>;

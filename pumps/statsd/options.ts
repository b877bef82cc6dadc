import { choice, flag, list, type OptionsOf, optional, size, text } from '#pump';
import { sampleWeightDoc } from '../shared/metric-lines/tags.ts';

const name = text({ doc: 'A name.' });

/**
 * What the operator may say. Names and environment suffixes are Tyk's (tyk-pump.md, "statsd and dogstatsd"); ours come
 * last.
 */
export const options = {
  address: text({
    doc: 'The daemon: `host:port` or `udp://host:port`, `tcp://host:port`, `unix:///path/of/the.socket` (datagrams). Required.',
    default: '',
  }),
  fields: list(name, {
    doc: 'Times to send: `request_time`, `latency_total`, `latency_upstream`, `latency_gateway`. One line each.',
    default: [],
  }),
  tags: list(name, {
    doc: 'The parts of a metric’s name, in this order; see below.',
    default: [],
  }),
  separated_method: flag({
    doc: 'The tag `path` is only the path, and `method` is a separate tag.',
    default: false,
  }),

  sanitise: choice(['breaking', 'all', 'off'], {
    doc: 'Which characters of a tag become `_`: `breaking` those that end a name (`:`, `|`, line ends), `all` also `@` and `#`, `off` none, as Tyk Pump does.',
    default: 'breaking',
  }),
  use_sample_weight: flag({ doc: sampleWeightDoc, default: false }),
  packet_size: optional(
    size({
      doc: 'Maximum bytes of a datagram, which lines share. `0B`: one line each, as Tyk Pump does. Not set: `1432B` for UDP, which fits an Ethernet frame, `8192B` for a Unix socket.',
    }),
  ),
};

export type Options = OptionsOf<typeof options>;

import { choice, integer, type OptionsOf, optional, size, text, tlsOptions } from '#pump';

/** What the operator may say. Names and environment suffixes are Tyk's (tyk-pump.md, "syslog"); ours come last. */
export const options = {
  transport: choice(['udp', 'tcp', 'tls', ''], {
    doc: 'How messages are sent. `tls` is TCP with TLS, which Tyk Pump accepts but cannot do. Empty: `udp`.',
    default: 'udp',
  }),
  network_addr: text({
    doc: 'Host and port of the receiver.',
    default: 'localhost:5140',
    env: 'NETWORKADDR',
  }),
  log_level: integer({
    doc: 'Priority of every message: facility × 8 + severity. 134 is local0.info; 0, the default, is a kernel emergency.',
    default: 0,
    min: 0,
    max: 191,
  }),
  tag: text({
    doc: 'Names this program in every message. Empty: `syslog-pump`.',
    default: 'syslog-pump',
  }),

  format: choice(['map', 'json', 'rfc5424'], {
    doc: '`map`: the text of Tyk Pump. `json`: the same keys as JSON. `rfc5424`: the newer protocol, with the keys as structured data.',
    default: 'map',
  }),
  framing: optional(
    choice(['newline', 'octet-counting'], {
      doc: 'What separates messages in a stream. Default: `newline` for `tcp`, `octet-counting` for `tls` (RFC 5425).',
    }),
  ),
  line_ends: choice(['keep', 'escape'], {
    doc: 'A line end within a message of `format: map` over UDP: `keep`: as it is, as in Tyk Pump. `escape`: as `\\n`. Everywhere else it is escaped.',
    default: 'keep',
  }),
  structured_data_id: text({
    doc: 'Name of the structured data of `rfc5424`: a name, `@` and the number of your enterprise.',
    default: 'tyk@32473',
  }),
  max_message_size: optional(
    size({
      doc: 'A longer message is not sent: its record becomes a dead letter. Default: none in a stream; 65507 bytes in a datagram, which cannot hold more.',
    }),
  ),
  ...tlsOptions,
};

export type Options = OptionsOf<typeof options>;

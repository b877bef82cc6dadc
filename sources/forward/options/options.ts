import {
  choice,
  duration,
  flag,
  hostPort,
  integer,
  list,
  type OptionsOf,
  optional,
  port,
  rows,
  secret,
  secretMap,
  text,
} from '#source';
import { mitm } from './mitm.ts';

export const options = {
  bind: text({
    doc: 'The address to listen at. `0.0.0.0`: all of version 4; `::`: all.',
    default: '127.0.0.1',
  }),
  port: port({ doc: 'The port to listen at.', default: 9530 }),
  listen: optional(hostPort({ doc: '`bind` and `port` in one, in their place.' })),
  datakit_conf: text({
    doc: 'A `proxy.conf` of DataKit. What it says of `bind`, `port`, `verbose`, `mitm` and `allowed_client_cidrs` counts, and these options may not be set beside it. Each of its `[[inputs.proxy]]` is a proxy.',
    default: '',
  }),
  verbose: flag({ doc: 'Logs a line for each tunnel and each request.', default: false }),
  mitm: mitm(
    'Whether TLS is looked into: `false`, `true`, or an object. `intercept`: the hosts of which it is, left out: all; `passthrough`: those of which it is not in any case, such as hosts whose clients pin certificates. `*.example.com` stands for all names below `example.com`.',
  ),
  ca_file: text({
    doc: 'Key and certificate of the authority that signs for the hosts that are looked into, as `sluice capture ca` makes it. Only the owner may be able to read it.',
    default: '',
  }),
  origin_ca_file: text({
    doc: 'Authorities in PEM that may have signed the certificates of origins, beside those that Node.js knows.',
    default: '',
  }),
  origin_certificates: rows(
    {
      hosts: list(text({ doc: 'A host, or `*.example.com`.' }), {
        doc: 'The origins that are shown this certificate.',
      }),
      cert_file: text({ doc: 'The certificate, in PEM.' }),
      key_file: text({ doc: 'Its key, in PEM.' }),
    },
    { doc: 'Certificates for origins that want one of the client, where TLS is looked into.' },
  ),
  allowed_client_cidrs: list(text({ doc: 'A network, or an address.' }), {
    doc: 'Who may use the proxy, by network: `10.0.0.0/8`. Empty: everybody who reaches it.',
    default: [],
  }),
  users: secretMap({
    doc: 'Passwords by name. Where there is one, clients must prove that they are one of them (Basic).',
    default: {},
  }),
  connect_ports: list(integer({ doc: 'A port.', min: 1, max: 65_535 }), {
    doc: 'The ports that a CONNECT may ask for. Empty: every one.',
    default: [],
  }),
  private_targets: choice(['auto', 'allow', 'deny'], {
    doc: 'Whether clients may reach addresses that are not of the Internet: loopback, private networks, link-local. `auto`: where the proxy listens at a loopback address.',
    default: 'auto',
  }),
  upstream_proxy: optional(
    secret({
      doc: 'The URL of another proxy that every connection goes through, `http://user:password@proxy:3128`.',
    }),
  ),
  no_proxy: list(text({ doc: 'An entry.' }), {
    doc: 'Who is connected to without `upstream_proxy`, as in the variable `NO_PROXY`: `example.com` (with all names below it), `.example.com` (those below it alone), an address, a network such as `10.0.0.0/8` (of targets that are addresses), `host:port`, `*`.',
    default: [],
  }),
  connect_timeout: duration({
    doc: 'How long a connection to a target may take, TLS included.',
    default: '10s',
  }),
  answer_timeout: duration({
    doc: 'How long a target may take until the head of its answer. 0: no bound.',
    default: '0s',
  }),
  first_bytes_timeout: duration({
    doc: 'How long is waited for the first bytes in a tunnel that would be looked into. A client that is silent for so long waits for its server to speak, and gets an opaque tunnel.',
    default: '1s',
  }),
  handshake_timeout: duration({
    doc: 'How long a TLS handshake of a client may take.',
    default: '10s',
  }),
  idle_timeout: duration({
    doc: 'After how long without a byte a tunnel is cut.',
    default: '10m',
  }),
  max_connections: integer({
    doc: 'How many connections of clients there may be at a time; others are closed at once.',
    default: 10_000,
    min: 1,
  }),
  path_templates: list(text({ doc: 'A path.' }), {
    doc: 'How paths are shown in metrics: `/v1/write/{category}`. Numbers, UUIDs and long ids in others are folded.',
    default: [],
  }),
};

export type Options = OptionsOf<typeof options>;

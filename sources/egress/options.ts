import {
  duration,
  hostPort,
  integer,
  list,
  type OptionsOf,
  optional,
  port,
  rows,
  text,
} from '#source';

export const options = {
  listen: hostPort({
    doc: 'Where requests of HTTP and CONNECTs are taken. Clients name it in `http_proxy` and `https_proxy`, or come here because names or routes lead them here.',
    default: '127.0.0.1:15001',
  }),
  entries: list(text({ doc: 'A file or a folder.' }), {
    doc: "Files that say who may be called: Istio's `ServiceEntry` and `DestinationRule`, Linkerd's `EgressNetwork`, or the short form. Of a folder all `.yaml`, `.yml` and `.json`. Read again on SIGHUP and when they change.",
  }),
  ports: rows(
    {
      listen: hostPort({ doc: 'Where connections are taken.' }),
      port: port({ doc: 'The port of entries that is meant by them.' }),
      host: optional(
        text({
          doc: 'The host of an entry that all of them mean: for TCP, where several entries speak it at the port. Left out: the name that their TLS asks for, their Host header, or the one host that speaks TCP at the port.',
        }),
      ),
    },
    {
      doc: 'Further listeners, each for one port of entries: TLS is passed through by SNI, TCP as it is, HTTP like that of `listen`.',
    },
  ),
  audit_log: text({
    doc: 'A file with a line of JSON for each call that was allowed, denied, or failed. Opened again on SIGHUP. Empty: none; what is denied is in the log of the process in any case.',
    default: '',
  }),
  dns_servers: list(text({ doc: 'An address, with a port or without.' }), {
    doc: 'DNS servers that are asked for SRV records and the addresses of their targets, such as `127.0.0.1:8600` of a registry. Empty: those of the system.',
    default: [],
  }),
  dns_cache: duration({
    doc: 'How long the addresses of a name are used before they are looked up again. What was checked is what is connected to.',
    default: '5s',
  }),
  idle_timeout: duration({
    doc: 'After how long without a byte a tunnel is cut, unless a DestinationRule says otherwise.',
    default: '1h',
  }),
  max_connections: integer({
    doc: 'How many connections of clients each listener takes at a time; others are closed at once.',
    default: 10_000,
    min: 1,
  }),
  first_bytes_timeout: duration({
    doc: 'How long a client may be silent where its first bytes must say whom it means.',
    default: '10s',
  }),
};

export type Options = OptionsOf<typeof options>;

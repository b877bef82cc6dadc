import { duration, integer, list, type OptionsOf, optional, size, text } from '#source';

export const options = {
  files: list(text({ doc: 'A path.' }), {
    doc: 'Files to read, pcap or pcapng, also compressed with gzip. Words without a flag on the command line are files, too. When they are read, the source has come to its end.',
    default: [],
  }),
  file: text({ doc: 'One of these alone; `-`: standard input.', default: '' }),
  interface: text({
    doc: 'Look at this interface, such as `eth0`, `lo`, or `any` for all: needs `tcpdump`, and the right to capture.',
    default: '',
  }),
  filter: text({
    doc: 'What of it is captured at all, in the words of pcap-filter(7), such as `tcp port 8080`. The kernel filters, so what is left out costs nothing and is not counted either.',
    default: 'tcp or ip[6:2] & 0x1fff != 0 or ip6[6] = 44',
  }),
  netns: text({
    doc: 'The network namespace to look in: a process in it, by its id, or a path such as `/run/netns/app`. Needs `nsenter`, and its rights.',
    default: '',
  }),
  tcpdump: text({ doc: 'The program that captures.', default: 'tcpdump' }),
  kernel_buffer: size({
    doc: 'What the kernel holds of packets while we are busy.',
    default: '64MiB',
    min: '1MiB',
  }),
  keylog: text({
    doc: 'A file with the secrets of TLS sessions, as `SSLKEYLOGFILE` makes programs write it (NSS key log); it is followed as it grows. TLS 1.2 and 1.3 of these sessions is read. Files of packets may have their own (Decryption Secrets Blocks of pcapng).',
    default: '',
  }),
  ports: list(integer({ doc: 'A port.', min: 1, max: 65_535 }), {
    doc: 'Record calls to these ports of servers alone. Empty: to every one.',
    default: [],
  }),
  hosts: list(text({ doc: 'A host, or `*.example.com`.' }), {
    doc: 'Record calls to these hosts alone, by the Host header, or the server’s address where there is none. `*.example.com`: all names below it.',
    default: [],
  }),
  paths: list(text({ doc: 'A path.' }), {
    doc: 'Record calls of these paths alone, without the query. `*` stands for anything: `/api/*`.',
    default: [],
  }),
  local: list(text({ doc: 'A network, or an address.' }), {
    doc: 'What is here, by network: calls from there to elsewhere are outgoing, all others incoming. Empty: the addresses of this machine where packets come live from its own interfaces; otherwise none.',
    default: [],
  }),
  max_connections: integer({
    doc: 'TCP connections that are followed at a time; the one that was silent longest is forgotten for another.',
    default: 65_536,
    min: 1,
  }),
  max_held: size({
    doc: 'Bytes that they hold together, of segments that came too early and calls that are not whole; beyond it, the same happens. Copies of bodies are bounded by `record.bodies_total`.',
    default: '64MiB',
    min: '1MiB',
  }),
  idle_timeout: duration({
    doc: 'After how long without a packet a connection is forgotten.',
    default: '10m',
    min: '1s',
  }),
  report: optional(
    duration({
      doc: 'How often a line of the log says what was seen, before and after the filters, and how often there is a report (docs/diagnostics.md). Unset: no line, and a report every minute.',
      min: '1s',
    }),
  ),
};

export type Options = OptionsOf<typeof options>;

/** What helps where calls are encrypted at the place that is looked at, the simplest first. */
export const seeBehindTls: readonly string[] = [
  'Where a proxy or mesh before the service ends TLS: look in the service’s own network namespace, as its sidecar (`sluice capture packets --netns PID`, or `--network container:NAME`).',
  'Where the service ends TLS itself: put a reverse proxy with its certificate before it, `sluice capture gateway --target http://…`, which records by itself.',
  'Where a load balancer ends TLS: let it speak HTTP to its targets, and look there.',
  'Where none of these can be changed: look inside the process, by eBPF at its TLS library.',
  'Where clients can say their keys (curl, Python, Node, browsers: `SSLKEYLOGFILE`): look with `keylog`, while you develop.',
  'To see at once what a browser sees: export a HAR from it, and `sluice capture har FILE`.',
];

export const seeBehindSocket: readonly string[] = [
  'No packet goes over a Unix socket: put `sluice capture gateway --target unix:/path` in its place, or look inside the process by eBPF.',
  'Or let the proxy before the service reach it over a port of the loopback.',
];

/**
 * What becomes of each field of the files: obeyed, ignored because nothing follows from it here, or refused because it would change
 * what is called and is not built. The reader goes by this table and the README shows it, so neither can be forgotten.
 */
export interface FieldFate {
  readonly fate: 'obeyed' | 'ignored' | 'refused';
  readonly words: string;
}

export type FieldTable = Readonly<Record<string, FieldFate>>;

const obeyed = (words: string): FieldFate => ({ fate: 'obeyed', words });
const ignored = (words: string): FieldFate => ({ fate: 'ignored', words });
const refused = (words: string): FieldFate => ({ fate: 'refused', words });

export const serviceEntryFields = {
  hosts: obeyed(
    'who may be called; `*.example.com` has every name below `example.com`, not itself',
  ),
  addresses: obeyed('addresses or networks that clients may ask for instead; names private ones'),
  ports: obeyed('every other port is refused'),
  location: ignored('decides about Istio’s own mutual TLS only'),
  resolution: obeyed('`NONE`, `STATIC`, `DNS`, `DNS_ROUND_ROBIN`; left out: `NONE`'),
  endpoints: obeyed('who is connected to'),
  subjectAltNames: obeyed(
    'names of which the server’s certificate must have one, where TLS begins here',
  ),
  exportTo: ignored('there are no namespaces here'),
  workloadSelector: refused('pods are not looked up; write their addresses as endpoints'),
} as const satisfies FieldTable;

export const portFields = {
  number: obeyed('what clients ask for'),
  name: obeyed('what endpoints call it'),
  protocol: obeyed('`HTTP`, `HTTP2`, `GRPC`, `HTTPS`, `TLS`, `TCP`; `GRPC-WEB` is HTTP'),
  targetPort: obeyed('what is connected to; left out: `number`'),
} as const satisfies FieldTable;

export const endpointFields = {
  address: obeyed(
    'an address, a name with `DNS`, `srv://_http._tcp.example.com` with `DNS` (not in Istio), or `unix:///path` with `STATIC`',
  ),
  ports: obeyed('by the port’s name'),
  weight: obeyed('share of the calls; left out or 0: 1'),
  labels: ignored('subsets, which would choose by them, are refused'),
  locality: ignored('balancing by place is refused'),
  network: ignored('every endpoint is called directly'),
  serviceAccount: ignored('a matter of Istio’s own mutual TLS'),
} as const satisfies FieldTable;

export const destinationRuleFields = {
  host: obeyed(
    'a host of an entry as it is written there, or a wildcard that has it; the most specific rule counts',
  ),
  trafficPolicy: obeyed('how it is called'),
  exportTo: ignored('there are no namespaces here'),
  subsets: refused('nothing routes to subsets here'),
  workloadSelector: refused('whose traffic it is, is not looked up'),
} as const satisfies FieldTable;

export const trafficPolicyFields = {
  tls: obeyed('TLS that begins here: clients speak HTTP'),
  loadBalancer: obeyed('how calls are spread over endpoints'),
  connectionPool: obeyed('its time-outs'),
  outlierDetection: obeyed('when an endpoint is passed over'),
  portLevelSettings: obeyed('replaces all of the above for one port'),
  tunnel: refused('calls do not go through another proxy'),
  proxyProtocol: refused('the PROXY protocol is not spoken'),
  retryBudget: ignored('nothing is retried'),
} as const satisfies FieldTable;

export const portSettingFields = {
  port: obeyed('`{number}`, of the entry'),
  tls: trafficPolicyFields.tls,
  loadBalancer: trafficPolicyFields.loadBalancer,
  connectionPool: trafficPolicyFields.connectionPool,
  outlierDetection: trafficPolicyFields.outlierDetection,
} as const satisfies FieldTable;

export const tlsFields = {
  mode: obeyed(
    '`DISABLE`, `SIMPLE`, `MUTUAL`; `ISTIO_MUTUAL` is refused: its certificates are the mesh’s',
  ),
  sni: obeyed('left out: the host that the client asked for'),
  caCertificates: obeyed(
    'a file; left out: the authorities that Node.js trusts. The server is always verified',
  ),
  clientCertificate: obeyed('a file; with `MUTUAL`'),
  privateKey: obeyed('a file; with `MUTUAL`'),
  subjectAltNames: obeyed(
    'names of which the server’s certificate must have one; before those of the entry',
  ),
  insecureSkipVerify: obeyed('`false`; `true` is refused: who answers would be anybody'),
  credentialName: refused('secrets of Kubernetes are not read; mount them and name the files'),
  caCrl: refused('revocation is not checked'),
} as const satisfies FieldTable;

export const loadBalancerFields = {
  simple: obeyed(
    '`ROUND_ROBIN` (also `UNSPECIFIED`), `RANDOM`, `LEAST_REQUEST` (also `LEAST_CONN`); `PASSTHROUGH` is refused',
  ),
  consistentHash: refused('calls are not bound to endpoints'),
  localityLbSetting: refused('endpoints have no places here'),
  warmupDurationSecs: refused('new endpoints get their share at once'),
  warmup: refused('new endpoints get their share at once'),
} as const satisfies FieldTable;

export const connectionPoolFields = {
  tcp: obeyed('below'),
  http: obeyed('below'),
} as const satisfies FieldTable;

export const tcpPoolFields = {
  connectTimeout: obeyed('TLS included; left out: 10s'),
  idleTimeout: obeyed('of TCP and TLS that is passed through; left out: that of the source'),
  maxConnections: refused('connections are not bounded by entry'),
  maxConnectionDuration: refused('connections have no age at which they end'),
  tcpKeepalive: refused('probes are those of the system'),
} as const satisfies FieldTable;

export const httpPoolFields = {
  maxRetries: ignored('nothing is retried'),
  http1MaxPendingRequests: refused('requests are not bounded by entry'),
  http2MaxRequests: refused('requests are not bounded by entry'),
  maxRequestsPerConnection: refused('connections serve as many requests as come'),
  maxConcurrentStreams: refused('streams are bounded by the server'),
  idleTimeout: refused('idle connections live as long as the relay keeps them'),
  h2UpgradePolicy: refused('write `HTTP2` as the port’s protocol'),
  useClientProtocol: refused('the port’s protocol decides'),
} as const satisfies FieldTable;

export const outlierFields = {
  consecutive5xxErrors: obeyed('left out: 5; 0: they do not count'),
  consecutiveGatewayErrors: obeyed(
    '502, 503, 504 and calls without an answer; left out: they count as above alone',
  ),
  baseEjectionTime: obeyed('times how often it has happened; left out: 30s'),
  maxEjectionPercent: obeyed('left out: 10; one endpoint always may be'),
  minHealthPercent: obeyed('left out: 0'),
  interval: ignored('an endpoint comes back on time, not at the next look'),
  splitExternalLocalOriginErrors: refused('failures to connect count as 503'),
  consecutiveLocalOriginFailures: refused('failures to connect count as 503'),
  consecutiveErrors: refused(
    'Istio took it away; write `consecutive5xxErrors` or `consecutiveGatewayErrors`',
  ),
} as const satisfies FieldTable;

export const egressNetworkFields = {
  trafficPolicy: obeyed('`Allow` or `Deny`, for addresses of no entry'),
  networks: obeyed('left out: the Internet, without private networks'),
} as const satisfies FieldTable;

export const networkFields = {
  cidr: obeyed('the longest that has an address decides; of equal ones `Deny`'),
  except: obeyed('networks within it that are not meant'),
} as const satisfies FieldTable;

/** A file without `kind`: our own form. */
export const shortFormFields = {
  trafficPolicy: obeyed('as `EgressNetwork.spec`; left out: `Deny`'),
  networks: obeyed('as `EgressNetwork.spec`'),
  entries: obeyed('below'),
} as const satisfies FieldTable;

export const shortEntryFields = {
  name: obeyed('for records, the audit log and metrics; left out: its first host'),
  hosts: serviceEntryFields.hosts,
  addresses: serviceEntryFields.addresses,
  ports: obeyed('as `ServiceEntry.spec`, or the number alone: 80 is HTTP, 443 HTTPS'),
  resolution: serviceEntryFields.resolution,
  endpoints: serviceEntryFields.endpoints,
  subjectAltNames: serviceEntryFields.subjectAltNames,
  tls: obeyed('as `DestinationRule.spec.trafficPolicy.tls`, for its HTTP ports'),
  loadBalancer: trafficPolicyFields.loadBalancer,
  connectionPool: trafficPolicyFields.connectionPool,
  outlierDetection: trafficPolicyFields.outlierDetection,
} as const satisfies FieldTable;

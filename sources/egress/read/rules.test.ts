import { describe, expect, it } from 'vitest';
import { problemLines } from '#source';
import { shownPattern } from '../rules/host-pattern.ts';
import { readRules } from './rules.ts';

const pems = { read: () => ({ pem: 'PEM' }), isPair: () => true };

const read = (text: string, path = 'entries.yaml') => readRules([{ path, text }], () => pems);

/** Each problem in a line, without what follows it; errors and warnings apart. */
const said = (text: string, severity: 'error' | 'warning' = 'error') =>
  read(text)
    .problems.filter((each) => each.severity === severity)
    .map((each) => problemLines(each)[0]);

const serviceEntry = (spec: string): string =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata:\n  name: api\nspec:\n${spec.replace(/^/gm, '  ')}\n`;

const good = 'hosts: [api.example.com]\nports: [{number: 80, name: http, protocol: HTTP}]\n';

/** From Istio's task "Egress TLS Origination", as users have it. */
const istio = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: edition-cnn-com
spec:
  hosts:
  - edition.cnn.com
  ports:
  - number: 80
    name: http-port
    protocol: HTTP
    targetPort: 443
  - number: 443
    name: https-port
    protocol: HTTPS
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: edition-cnn-com
spec:
  host: edition.cnn.com
  trafficPolicy:
    portLevelSettings:
    - port:
        number: 80
      tls:
        mode: SIMPLE # initiates HTTPS when accessing edition.cnn.com
`;

describe('readRules', () => {
  it("takes Istio's own example of TLS that begins at the entry", () => {
    const { rules, problems } = read(istio);
    expect(problems).toEqual([]);
    const [entry] = rules.entries;
    expect(entry).toMatchObject({
      name: 'edition-cnn-com',
      resolution: 'DNS',
      endpoints: [],
      ports: [
        { number: 80, name: 'http-port', protocol: 'HTTP', targetPort: 443 },
        { number: 443, name: 'https-port', protocol: 'HTTPS', targetPort: 443 },
      ],
    });
    const [host] = entry?.hosts ?? [];
    expect(host?.policyOf(80).tls).toEqual({
      sni: undefined,
      ca: undefined,
      client: undefined,
      subjectAltNames: [],
    });
    expect(host?.policyOf(443).tls).toBeUndefined();
  });

  it('takes endpoints with weights, ports, labels and sockets', () => {
    const { rules, problems } = read(
      serviceEntry(
        `${good}resolution: STATIC
location: MESH_EXTERNAL
exportTo: ["."]
addresses: [192.0.2.0/24, 2001:db8::7]
subjectAltNames: [spiffe://example.com/api]
endpoints:
- {address: 198.51.100.7, ports: {http: 8080}, weight: 3, labels: {a: b}, locality: eu/x}
- {address: "2001:DB8::0:9"}
- {address: "unix:///run/api.sock"}`,
      ),
    );
    expect(problems.every(({ severity }) => severity === 'warning')).toBe(true);
    const [entry] = rules.entries;
    expect(entry?.endpoints).toEqual([
      { kind: 'address', address: '198.51.100.7', ports: new Map([['http', 8080]]), weight: 3 },
      { kind: 'address', address: '2001:db8::9', ports: new Map(), weight: 1 },
      { kind: 'path', address: '/run/api.sock', ports: new Map(), weight: 1 },
    ]);
    expect(entry?.addresses.includes('192.0.2.77')).toBe(true);
    expect(entry?.addresses.includes('192.0.3.77')).toBe(false);
  });

  it('takes a DestinationRule with everything that is obeyed', () => {
    const { rules, problems } = read(`${serviceEntry(`${good}subjectAltNames: [of.entry]`)}---
apiVersion: networking.istio.io/v1beta1
kind: DestinationRule
metadata: {name: api, namespace: out}
spec:
  host: "*.example.com"
  trafficPolicy:
    tls: {mode: MUTUAL, sni: sni.example, caCertificates: ca.pem, clientCertificate: c.pem, privateKey: k.pem, insecureSkipVerify: false}
    loadBalancer: {simple: LEAST_CONN}
    connectionPool: {tcp: {connectTimeout: 250ms, idleTimeout: 1h30m}}
    outlierDetection: {consecutive5xxErrors: 2, consecutiveGatewayErrors: 1, baseEjectionTime: 1.5s, maxEjectionPercent: 50, minHealthPercent: 20, interval: 5s}
`);
    expect(problems.map(({ severity, key }) => `${severity} ${key}`)).toEqual([
      'warning document 2 (DestinationRule out/api): spec.trafficPolicy.outlierDetection.interval',
    ]);
    const policy = rules.entries[0]?.hosts[0]?.policyOf(80);
    expect(policy).toEqual({
      tls: {
        sni: 'sni.example',
        ca: 'PEM',
        client: { certificate: 'PEM', key: 'PEM' },
        subjectAltNames: ['of.entry'],
      },
      balance: 'LEAST_REQUEST',
      connectTimeout: 250,
      idleTimeout: 5_400_000,
      ejection: {
        serverErrors: 2,
        gatewayErrors: 1,
        time: 1500,
        mostPercent: 50,
        leastHealthyPercent: 20,
      },
    });
    expect(rules.entries[0]?.hosts[0]?.policyOf(80)).toBe(policy);
  });

  it('lets the most specific DestinationRule count, and its port settings replace the rest', () => {
    const rule = (name: string, host: string, policy: string): string =>
      `---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}}\nspec: {host: "${host}", trafficPolicy: ${policy}}\n`;
    const { rules } = read(
      serviceEntry(
        'hosts: [a.b.example, c.b.example, x.example]\nports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: b, protocol: HTTP}]',
      ) +
        rule('wide', '*.example', '{loadBalancer: {simple: RANDOM}}') +
        rule('wider', '*.b.example', '{connectionPool: {tcp: {connectTimeout: 1s}}}') +
        rule(
          'exact',
          'a.b.example',
          '{connectionPool: {tcp: {connectTimeout: 2s}}, portLevelSettings: [{port: {number: 81}, loadBalancer: {simple: RANDOM}}]}',
        ),
    );
    const shown = rules.entries[0]?.hosts.map(({ pattern, policyOf }) =>
      [80, 81].map((port) => {
        const { balance, connectTimeout } = policyOf(port);
        return `${shownPattern(pattern)}:${port} ${balance} ${connectTimeout}`;
      }),
    );
    expect(shown).toEqual([
      ['a.b.example:80 ROUND_ROBIN 2000', 'a.b.example:81 RANDOM 10000'],
      ['c.b.example:80 ROUND_ROBIN 1000', 'c.b.example:81 ROUND_ROBIN 1000'],
      ['x.example:80 RANDOM 10000', 'x.example:81 RANDOM 10000'],
    ]);
  });

  it("takes Linkerd's EgressNetwork, and without networks means the Internet", () => {
    const { rules, problems } = read(`apiVersion: policy.linkerd.io/v1alpha1
kind: EgressNetwork
metadata: {namespace: egress-test, name: all-egress-traffic}
spec:
  trafficPolicy: Allow
---
apiVersion: policy.linkerd.io/v1alpha1
kind: EgressNetwork
metadata: {name: some}
spec:
  trafficPolicy: Deny
  networks:
  - cidr: 203.0.113.0/24
    except: [203.0.113.7/32]
`);
    expect(problems).toEqual([]);
    const [all, some] = rules.networks;
    expect(all?.isAllowed).toBe(true);
    const has = (address: string) =>
      all?.networks.some(({ list, except }) => list.includes(address) && !except.includes(address));
    expect([has('1.1.1.1'), has('10.1.1.1'), has('2606:4700::1'), has('fd00::1')]).toEqual([
      ...[true, false, true, false],
    ]);
    expect(some).toMatchObject({ isAllowed: false, networks: [{ bits: 24 }] });
  });

  it('takes the short form, which is the same model', () => {
    const { rules, problems } = read(`
trafficPolicy: Allow
networks: [{cidr: 203.0.113.0/24}]
entries:
- hosts: [api.example.com]
  ports: [443, {number: 80, protocol: HTTP, targetPort: 443}]
  tls: {mode: SIMPLE}
- {name: database, hosts: [db.example.com], ports: [{number: 5432, protocol: TCP}]}
`);
    expect(problems).toEqual([]);
    expect(rules.networks).toMatchObject([{ name: 'trafficPolicy', isAllowed: true }]);
    expect(rules.entries).toMatchObject([
      {
        name: 'api.example.com',
        ports: [
          { number: 443, name: '443', protocol: 'HTTPS', targetPort: 443 },
          { number: 80, name: '80', protocol: 'HTTP', targetPort: 443 },
        ],
      },
      { name: 'database', resolution: 'NONE' },
    ]);
    expect(rules.entries[0]?.hosts[0]?.policyOf(80).tls).toBeDefined();
  });

  it('takes JSON, and a List as kubectl writes it', () => {
    const item = (name: string) => ({
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name, namespace: 'out', annotations: {} },
      spec: { hosts: [`${name}.example`], ports: [{ number: 443, name: 'tls', protocol: 'TLS' }] },
      status: {},
    });
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item('a'), item('b')] });
    const { rules, problems } = read(text, 'entries.json');
    expect(problems).toEqual([]);
    expect(rules.entries.map(({ name }) => name)).toEqual(['out/a', 'out/b']);
  });
});

describe('problems', () => {
  it('are all told at once, with file, line, document, type and what was expected', () => {
    const wrong = `${istio.replace('protocol: HTTP\n', 'protocol: MYSQL\n').replace('resolution: DNS', 'resolution: SOMEHOW')}    outlier: {}
    tunnel: {}
`;
    expect(said(wrong)).toEqual([
      'entries.yaml:11:5: document 1 (ServiceEntry edition-cnn-com): spec.ports[0].protocol: found a text, expected one of HTTP, HTTP2, GRPC, GRPC-WEB, HTTPS, TLS, TCP (of databases write TCP)',
      'entries.yaml:16:3: document 1 (ServiceEntry edition-cnn-com): spec.resolution: found a text, expected one of NONE, STATIC, DNS, DNS_ROUND_ROBIN',
      expect.stringMatching(
        /^entries\.yaml:30:5: document 2 \(DestinationRule edition-cnn-com\): spec\.trafficPolicy\.outlier: found an object, expected none: there is no such field/,
      ),
      'entries.yaml:31:5: document 2 (DestinationRule edition-cnn-com): spec.trafficPolicy.tunnel: found an object, expected none: calls do not go through another proxy',
    ]);
  });

  it.each([
    ['hosts: []\nports: [{number: 80, name: a, protocol: HTTP}]', 'at least one name'],
    ['ports: [{number: 80, name: a, protocol: HTTP}]', 'at least one name'],
    ['hosts: ["*"]\nports: [{number: 80, name: a, protocol: HTTP}]', 'EgressNetwork'],
    ['hosts: [10.1.1.1]\nports: [{number: 80, name: a, protocol: HTTP}]', 'addresses'],
    ['hosts: [7]\nports: [{number: 80, name: a, protocol: HTTP}]', 'found a number'],
    ['hosts: api.example.com\nports: [{number: 80, name: a, protocol: HTTP}]', 'a list of names'],
    ['hosts: [a.example]', 'at least one port'],
    ['hosts: [a.example]\nports: [80]', 'found a number, expected an object'],
    ['hosts: [a.example]\nports: [{number: 80, name: a}]', 'one of HTTP'],
    ['hosts: [a.example]\nports: [{number: 80, protocol: HTTP}]', 'expected a name'],
    ['hosts: [a.example]\nports: [{number: 0, name: a, protocol: TCP}]', 'from 1 to 65535'],
    ['hosts: [a.example]\nports: [{number: "80", name: a, protocol: TCP}]', 'from 1 to 65535'],
    ['hosts: [a.example]\nports: [{number: 80, name: a, protocol: UDP}]', 'one of HTTP'],
    [`${good}addresses: [10.0.0.0/40]`, 'from 0 to 32'],
    [`${good}addresses: [somewhere]`, 'a network such as'],
    [`${good}resolution: STATIC`, 'at least one, as the resolution is STATIC'],
    [`${good}resolution: STATIC\nendpoints: [{address: b.example}]`, 'an address, or unix'],
    [`${good}resolution: DNS\nendpoints: [{address: "unix:///x"}]`, 'an address or a name'],
    [`${good}resolution: DNS\nendpoints: [{weight: 2}]`, 'an address or a name'],
    [`${good}resolution: DNS\nendpoints: [{address: 0x7f.1}]`, 'an address or a name'],
    [`${good}endpoints: [{address: 1.2.3.4}]`, 'no endpoints'],
    [
      `${good}resolution: DNS\nendpoints: [{address: b.example, ports: {tls: 1}}]`,
      'no port of the entry',
    ],
    [`${good}resolution: DNS\nendpoints: [{address: b.example, weight: -1}]`, 'from 0 to'],
    [
      'hosts: ["*.example"]\nports: [{number: 80, name: a, protocol: HTTP}]\nresolution: DNS',
      'needs endpoints',
    ],
    [
      `${good}resolution: DNS_ROUND_ROBIN\nendpoints: [{address: a.b}, {address: b.b}]`,
      'one endpoint at most',
    ],
    [`${good}workloadSelector: {}`, 'pods are not looked up'],
    [`${good}host: x`, 'perhaps hosts is meant'],
  ])('%j', (spec, words) => expect(said(serviceEntry(spec)).join('\n')).toContain(words));

  const destination = (policy: string): string =>
    `${serviceEntry(good)}---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: d}\nspec: {host: api.example.com, trafficPolicy: ${policy}}\n`;

  it.each([
    ['{tls: {mode: SOME}}', 'DISABLE, SIMPLE or MUTUAL'],
    ['{tls: {sni: a}}', 'DISABLE, SIMPLE or MUTUAL'],
    ['{tls: {mode: ISTIO_MUTUAL}}', 'certificates of the mesh'],
    ['{tls: {mode: MUTUAL}}', 'as the mode is MUTUAL'],
    ['{tls: {mode: SIMPLE, privateKey: k.pem}}', 'only with mode MUTUAL'],
    ['{tls: {mode: SIMPLE, insecureSkipVerify: true}}', 'anybody could answer'],
    ['{tls: {mode: SIMPLE, credentialName: x}}', 'secrets of Kubernetes'],
    ['{tls: {mode: SIMPLE, caCrl: x}}', 'revocation'],
    ['{loadBalancer: {simple: PASSTHROUGH}}', 'ROUND_ROBIN, RANDOM or LEAST_REQUEST'],
    ['{loadBalancer: {consistentHash: {}}}', 'not bound to endpoints'],
    ['{connectionPool: {tcp: {maxConnections: 1}}}', 'not bounded by entry'],
    ['{connectionPool: {tcp: {connectTimeout: 5}}}', 'a duration above 0'],
    ['{connectionPool: {tcp: {connectTimeout: 0s}}}', 'a duration above 0'],
    ['{connectionPool: {http: {http1MaxPendingRequests: 1}}}', 'not bounded by entry'],
    ['{outlierDetection: {splitExternalLocalOriginErrors: true}}', 'count as 503'],
    ['{portLevelSettings: [{tls: {mode: DISABLE}}]}', '{number}'],
    ['{portLevelSettings: [{port: {number: 80}}, {port: {number: 80}}]}', 'there already'],
  ])('of a DestinationRule: %s', (policy, words) =>
    expect(said(destination(policy)).join('\n')).toContain(words),
  );

  it.each([
    [
      'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v}\nspec: {}',
      'error',
      'VirtualService v would decide about calls',
    ],
    [
      'apiVersion: gateway.networking.k8s.io/v1\nkind: TLSRoute\nmetadata: {name: r}\nspec: {}',
      'error',
      'TLSRoute r would decide',
    ],
    [
      'apiVersion: policy.linkerd.io/v1alpha1\nkind: HTTPRoute\nmetadata: {name: r}\nspec: {}',
      'error',
      'HTTPRoute r would decide',
    ],
    [
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {}',
      'warning',
      'Deployment d says nothing about calls',
    ],
    [
      'apiVersion: v1\nkind: ServiceEntry\nmetadata: {name: d}\nspec: {}',
      'error',
      'with a version of v1',
    ],
    ['kind: ServiceEntry\nmetadata: {name: d}\nspec: {}', 'error', 'as Kubernetes has it'],
    [
      'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: d}',
      'error',
      'spec: found nothing',
    ],
    [
      'apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspec: {}',
      'error',
      'metadata.name: found nothing',
    ],
    [
      'apiVersion: policy.linkerd.io/v1\nkind: EgressNetwork\nmetadata: {name: e}\nspec: {}',
      'error',
      'Allow or Deny',
    ],
    [
      'apiVersion: policy.linkerd.io/v1\nkind: EgressNetwork\nmetadata: {name: e}\nspec: {trafficPolicy: Allow, networks: [{cidr: x}]}',
      'error',
      'a network such as',
    ],
    [
      'apiVersion: policy.linkerd.io/v1\nkind: EgressNetwork\nmetadata: {name: e}\nspec: {trafficPolicy: Allow, networks: [{cidr: 10.0.0.0/8, except: [x]}]}',
      'error',
      'except[0]',
    ],
    ['[1]', 'error', 'found a list, expected an object'],
    ['entires: []', 'error', 'perhaps entries is meant'],
    ['entries: [{hosts: [a.example], ports: [25]}]', 'error', 'or 80 or 443 alone'],
  ] as const)('%j: %s', (text, severity, words) =>
    expect(said(text, severity).join('\n')).toContain(words),
  );

  it('finds a DestinationRule for nobody, and two for the same host', () => {
    const rule = (name: string, host: string) =>
      `---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}}\nspec: {host: ${host}}\n`;
    expect(said(serviceEntry(good) + rule('a', 'other.example'), 'warning').join()).toContain(
      'no entry has this host',
    );
    const twice = serviceEntry(good) + rule('a', 'api.example.com') + rule('b', 'api.example.com');
    expect(said(twice).join()).toContain('DestinationRule a is for the same host');
  });

  it('never quotes what stands there', () => {
    const secret = 'hunter2hunter2';
    const text = serviceEntry(`${good}workloadSelector: ${secret}\nresolution: ${secret}`);
    const lines = read(text).problems.flatMap(problemLines).join('\n');
    expect(lines).not.toBe('');
    expect(lines).not.toContain(secret);
  });
});

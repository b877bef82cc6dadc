import { isIP } from 'node:net';
import { type CidrList, readCidrs } from '../../shared/lists/cidr.ts';
import { isPrivateNetwork } from '../../shared/lists/private.ts';
import { canonicalAddress, hostOfServerName } from '../policy/authority.ts';
import { type HostPattern, readHostPattern } from '../rules/host-pattern.ts';
import type {
  CallPolicy,
  Entry,
  EntryEndpoint,
  EntryPort,
  Protocol,
  Resolution,
} from '../rules/model.ts';
import { endpointFields, portFields, type serviceEntryFields } from './field-table.ts';
import type { Findings } from './findings.ts';
import { isObject, ObjectReader } from './object-reader.ts';

/** A ServiceEntry's spec, before it is known how its hosts are called. */
export interface EntryDraft extends Omit<Entry, 'hosts'> {
  readonly patterns: readonly HostPattern[];
  readonly subjectAltNames: readonly string[];
}

/** An entry before its hosts know how they are called; `own`: what the short form says of that in the same place. */
export interface Draft {
  readonly entry: EntryDraft;
  readonly own: CallPolicy | undefined;
  readonly findings: Findings;
}

/** The fields that a ServiceEntry and an entry of the short form have in common. */
type Spec = ObjectReader<
  Pick<
    typeof serviceEntryFields,
    'hosts' | 'addresses' | 'ports' | 'resolution' | 'endpoints' | 'subjectAltNames'
  >
>;

const resolutions: readonly Resolution[] = ['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN'];

export function readServiceEntry(
  spec: Spec,
  name: string,
  findings: Findings,
  /** A port may be its number alone. */
  isShort = false,
): EntryDraft {
  const patterns = hostsIn(spec, findings);
  const cidrs = spec.texts('addresses', 'an address or a network such as 10.0.0.0/8');
  for (const { value, path } of cidrs) {
    const [problem] = readCidrs([value]).problems;
    if (problem !== undefined) findings.wrong(path, value, problem.words.replace(/^expected /, ''));
  }
  const ports = portsIn(spec, findings, isShort);
  const resolution = resolutionIn(spec);
  const endpoints = endpointsIn(spec, ports, resolution, findings);
  checkTogether(spec, {
    patterns,
    resolution,
    hasEndpoints: spec.list('endpoints', '').length > 0,
  });
  const written = cidrs.map(({ value }) => value);
  return {
    name,
    patterns,
    addresses: readCidrs(written).list,
    named: namedBy(written, endpoints),
    ports,
    resolution,
    endpoints,
    subjectAltNames: spec.texts('subjectAltNames', 'a name').map(({ value }) => value),
  };
}

/** `0.0.0.0/0` names nothing private: who writes it means the Internet. */
function namedBy(cidrs: readonly string[], endpoints: readonly EntryEndpoint[]): CidrList {
  const addresses = endpoints.flatMap(({ kind, address }) => (kind === 'address' ? [address] : []));
  return readCidrs([...cidrs.filter(isPrivateNetwork), ...addresses]).list;
}

function hostsIn(spec: Spec, findings: Findings): readonly HostPattern[] {
  if (!spec.has('hosts') || spec.list('hosts', 'names').length === 0)
    spec.wrong('hosts', 'at least one name');
  return spec.texts('hosts', 'a name').flatMap(({ value, path }) => {
    const found = readHostPattern(value);
    if (found.ok) return [found.pattern];
    findings.wrong(path, value, found.expected);
    return [];
  });
}

function resolutionIn(spec: Spec): Resolution {
  if (!spec.has('resolution')) return 'NONE';
  const written = spec.text('resolution', `one of ${resolutions.join(', ')}`);
  const found = resolutions.find((each) => each === written);
  if (found === undefined && written !== undefined)
    spec.wrong('resolution', `one of ${resolutions.join(', ')}`);
  return found ?? 'NONE';
}

/** Their rules are Istio's own, of what it accepts. */
function checkTogether(
  spec: Spec,
  {
    patterns,
    resolution,
    hasEndpoints,
  }: {
    readonly patterns: readonly HostPattern[];
    readonly resolution: Resolution;
    readonly hasEndpoints: boolean;
  },
): void {
  if (resolution === 'NONE' && hasEndpoints)
    spec.refused(
      'endpoints',
      'with resolution NONE the host that the client asked for is called: no endpoints',
    );
  if (resolution === 'STATIC' && !hasEndpoints)
    spec.wrong('endpoints', 'at least one, as the resolution is STATIC');
  const isByName = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
  if (isByName && !hasEndpoints && patterns.some(({ isWildcard }) => isWildcard))
    spec.refused(
      'hosts',
      `a wildcard with resolution ${resolution} needs endpoints; with NONE the host that the client asked for is looked up`,
    );
  if (resolution === 'DNS_ROUND_ROBIN' && spec.list('endpoints', '').length > 1)
    spec.refused('endpoints', 'DNS_ROUND_ROBIN has one endpoint at most');
}

const protocols: Readonly<Record<string, Protocol>> = {
  http: 'HTTP',
  'grpc-web': 'HTTP',
  http2: 'HTTP2',
  grpc: 'GRPC',
  https: 'HTTPS',
  tls: 'TLS',
  tcp: 'TCP',
};
const known = 'one of HTTP, HTTP2, GRPC, GRPC-WEB, HTTPS, TLS, TCP (of databases write TCP)';

function portsIn(spec: Spec, findings: Findings, isShort: boolean): readonly EntryPort[] {
  const written = spec.list('ports', 'ports');
  if (written.length === 0) spec.wrong('ports', 'at least one port');
  const ports: EntryPort[] = [];
  for (const { value, path } of written) {
    const port = isShort && typeof value === 'number' ? shortPort(value) : value;
    if (!isObject(port)) {
      findings.wrong(path, value, isShort ? 'a port, or 80 or 443 alone' : 'an object');
      continue;
    }
    const read = portIn(new ObjectReader(port, path, portFields, findings), isShort);
    if (read === undefined) continue;
    if (ports.some(({ number }) => number === read.number))
      findings.refused(path, port, `port ${read.number} is there already`);
    else if (ports.some(({ name }) => name === read.name))
      findings.refused(path, port, 'another port has the same name');
    else ports.push(read);
  }
  return ports;
}

function portIn(port: ObjectReader<typeof portFields>, isShort: boolean): EntryPort | undefined {
  const number = port.integer('number', 1, 65_535);
  const written = port.text('protocol', known);
  const protocol = written === undefined ? undefined : protocols[written.toLowerCase()];
  const name = port.text('name', 'a name');
  if (!port.has('number')) port.wrong('number', 'an integer from 1 to 65535');
  if (protocol === undefined && (written !== undefined || !port.has('protocol')))
    port.wrong('protocol', known);
  if (!isShort && !port.has('name')) port.wrong('name', 'a name');
  const targetPort = port.integer('targetPort', 1, 65_535);
  if (number === undefined || protocol === undefined) return undefined;
  return { number, name: name ?? String(number), protocol, targetPort: targetPort ?? number };
}

/** What everybody means by the two numbers. */
function shortPort(number: number): unknown {
  if (number === 80) return { number, protocol: 'HTTP' };
  return number === 443 ? { number, protocol: 'HTTPS' } : undefined;
}

function endpointsIn(
  spec: Spec,
  ports: readonly EntryPort[],
  resolution: Resolution,
  findings: Findings,
): readonly EntryEndpoint[] {
  return spec.objects('endpoints', endpointFields).flatMap((endpoint) => {
    const expected =
      resolution === 'STATIC' ? 'an address, or unix:///path' : 'an address or a name';
    const address = endpoint.text('address', expected);
    if (!endpoint.has('address')) endpoint.wrong('address', expected);
    const byName = new Map<string, number>();
    for (const [name, { value, path }] of endpoint.map('ports')) {
      if (!ports.some((port) => port.name === name))
        findings.refused(path, value, 'no port of the entry has this name');
      else if (
        typeof value === 'number' &&
        Number.isInteger(value) &&
        value >= 1 &&
        value <= 65_535
      )
        byName.set(name, value);
      else findings.wrong(path, value, 'an integer from 1 to 65535');
    }
    const weight = endpoint.integer('weight', 0, 1_000_000);
    if (address === undefined) return [];
    const place = placeOf(address, resolution);
    if (place === undefined) {
      endpoint.wrong('address', expected);
      return [];
    }
    if (place.kind === 'srv' && byName.size > 0)
      endpoint.refused('ports', 'the SRV records of the endpoint say the port');
    return [{ ...place, ports: byName, weight: Math.max(1, weight ?? 1) }];
  });
}

/** Undefined: it is none that the resolution allows. */
function placeOf(
  written: string,
  resolution: Resolution,
): Pick<EntryEndpoint, 'kind' | 'address'> | undefined {
  if (isIP(written) !== 0 && !written.includes('%'))
    return { kind: 'address', address: canonicalAddress(written) };
  if (resolution === 'STATIC') {
    const [, path] = /^unix:\/\/(\/.+)$/.exec(written) ?? [];
    return path === undefined ? undefined : { kind: 'path', address: path };
  }
  const [, service] = /^srv:\/\/([\w.-]+?)\.?$/i.exec(written) ?? [];
  if (service !== undefined)
    return resolution === 'DNS' ? { kind: 'srv', address: service.toLowerCase() } : undefined;
  const name = hostOfServerName(written);
  return name === undefined ? undefined : { kind: 'name', address: name };
}

import type { Ejection } from '../../shared/balance/balancer.ts';
import type { CallPolicy, TlsOrigination } from '../rules/model.ts';
import {
  connectionPoolFields,
  httpPoolFields,
  loadBalancerFields,
  outlierFields,
  type portSettingFields,
  tcpPoolFields,
  tlsFields,
} from './field-table.ts';
import type { ObjectReader } from './object-reader.ts';

/** A traffic policy of a DestinationRule, its port settings, or what the short form has of it. */
export type PolicySpec = ObjectReader<
  Pick<typeof portSettingFields, 'tls' | 'loadBalancer' | 'connectionPool' | 'outlierDetection'>
>;

/** Files in PEM that the rules name. */
export interface Pems {
  /** Its text, or what is wrong with it. */
  read(
    path: string,
    what: 'certificate' | 'key',
  ): { readonly pem: string } | { readonly problem: string };
  /** Whether a key is that of a certificate. */
  isPair(certificate: string, key: string): boolean;
}

/** Failures to connect alone, for a short while, as nothing else was asked for. */
const defaultEjection: Ejection = {
  serverErrors: 0,
  gatewayErrors: 1,
  time: 10_000,
  mostPercent: 100,
  leastHealthyPercent: 0,
};

export const defaultPolicy: CallPolicy = {
  tls: undefined,
  balance: 'ROUND_ROBIN',
  connectTimeout: 10_000,
  idleTimeout: undefined,
  ejection: defaultEjection,
};

export function readCallPolicy(spec: PolicySpec, pems: Pems): CallPolicy {
  const pool = spec.object('connectionPool', connectionPoolFields);
  const tcp = pool?.object('tcp', tcpPoolFields);
  pool?.object('http', httpPoolFields);
  return {
    tls: tlsIn(spec, pems),
    balance: balanceIn(spec),
    connectTimeout: tcp?.duration('connectTimeout') ?? defaultPolicy.connectTimeout,
    idleTimeout: tcp?.duration('idleTimeout'),
    ejection: ejectionIn(spec),
  };
}

const balances: Readonly<Record<string, CallPolicy['balance']>> = {
  UNSPECIFIED: 'ROUND_ROBIN',
  ROUND_ROBIN: 'ROUND_ROBIN',
  RANDOM: 'RANDOM',
  LEAST_REQUEST: 'LEAST_REQUEST',
  LEAST_CONN: 'LEAST_REQUEST',
};

function balanceIn(spec: PolicySpec): CallPolicy['balance'] {
  const balancer = spec.object('loadBalancer', loadBalancerFields);
  const simple = balancer?.text('simple', 'ROUND_ROBIN, RANDOM or LEAST_REQUEST');
  if (balancer === undefined || simple === undefined) return defaultPolicy.balance;
  const found = balances[simple];
  if (found === undefined) balancer.wrong('simple', 'ROUND_ROBIN, RANDOM or LEAST_REQUEST');
  return found ?? defaultPolicy.balance;
}

function ejectionIn(spec: PolicySpec): Ejection {
  const outlier = spec.object('outlierDetection', outlierFields);
  if (outlier === undefined) return defaultEjection;
  // Envoy's defaults, once somebody asks for it.
  return {
    serverErrors: outlier.integer('consecutive5xxErrors', 0, 1_000_000) ?? 5,
    gatewayErrors: outlier.integer('consecutiveGatewayErrors', 0, 1_000_000) ?? 0,
    time: outlier.duration('baseEjectionTime') ?? 30_000,
    mostPercent: outlier.integer('maxEjectionPercent', 0, 100) ?? 10,
    leastHealthyPercent: outlier.integer('minHealthPercent', 0, 100) ?? 0,
  };
}

const modes = 'DISABLE, SIMPLE or MUTUAL';

function tlsIn(spec: PolicySpec, pems: Pems): TlsOrigination | undefined {
  const tls = spec.object('tls', tlsFields);
  if (tls === undefined) return undefined;
  const mode = tls.text('mode', modes);
  // For Istio it would be DISABLE, which nobody means who writes the rest.
  if (!tls.has('mode')) tls.wrong('mode', modes);
  if (mode === 'ISTIO_MUTUAL')
    tls.refused('mode', 'ISTIO_MUTUAL has certificates of the mesh; write MUTUAL and name files');
  else if (mode !== undefined && !['DISABLE', 'SIMPLE', 'MUTUAL'].includes(mode))
    tls.wrong('mode', modes);
  if (tls.flag('insecureSkipVerify') === true)
    tls.refused(
      'insecureSkipVerify',
      'without a look at the certificate anybody could answer; name its authority in caCertificates',
    );
  const isMutual = mode === 'MUTUAL';
  const pem = (
    key: 'caCertificates' | 'clientCertificate' | 'privateKey',
    what: 'certificate' | 'key',
  ): string | undefined => {
    const path = tls.text(key, 'the path of a file');
    if (path === undefined) return undefined;
    const found = pems.read(path, what);
    if ('pem' in found) return found.pem;
    tls.refused(key, found.problem);
    return undefined;
  };
  for (const key of ['clientCertificate', 'privateKey'] as const) {
    if (isMutual && !tls.has(key)) tls.wrong(key, 'the path of a file, as the mode is MUTUAL');
    if (!isMutual && tls.has(key))
      tls.refused(key, 'only with mode MUTUAL: nobody would be shown it');
  }
  const sni = tls.text('sni', 'a name');
  const ca = pem('caCertificates', 'certificate');
  const subjectAltNames = tls.texts('subjectAltNames', 'a name').map(({ value }) => value);
  if (mode === undefined || mode === 'DISABLE') return undefined;
  const certificate = isMutual ? pem('clientCertificate', 'certificate') : undefined;
  const key = isMutual ? pem('privateKey', 'key') : undefined;
  const client = certificate === undefined || key === undefined ? undefined : { certificate, key };
  return { sni, ca, client, subjectAltNames };
}

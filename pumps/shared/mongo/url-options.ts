/** An option of the URL as the driver knows it; its value as it was written. */
export interface UrlOption {
  readonly name: string;
  readonly value: string;
}

type Reading =
  | { readonly outcome: 'taken'; readonly option: UrlOption }
  | { readonly outcome: 'left-out'; readonly remark?: string }
  | { readonly outcome: 'refused'; readonly found: string; readonly expected: string };

/** Those of the driver that mean here what they mean to Tyk Pump's. */
const known = [
  ...['appName', 'authMechanism', 'authMechanismProperties', 'authSource', 'compressors'],
  ...['connectTimeoutMS', 'directConnection', 'heartbeatFrequencyMS', 'journal', 'loadBalanced'],
  ...['localThresholdMS', 'maxConnecting', 'maxIdleTimeMS', 'maxPoolSize', 'maxStalenessSeconds'],
  ...['minPoolSize', 'readConcernLevel', 'readPreference', 'readPreferenceTags', 'replicaSet'],
  ...['serverMonitoringMode', 'serverSelectionTimeoutMS', 'socketTimeoutMS', 'srvMaxHosts'],
  ...['srvServiceName', 'ssl', 'tls', 'tlsAllowInvalidCertificates', 'tlsAllowInvalidHostnames'],
  ...['tlsCAFile', 'tlsCertificateKeyFile', 'tlsCertificateKeyFilePassword', 'tlsInsecure'],
  ...['w', 'wtimeoutMS', 'zlibCompressionLevel'],
];

/** Other names of some, of older clients. */
const older: Readonly<Record<string, string>> = {
  heartbeatintervalms: 'heartbeatFrequencyMS',
  j: 'journal',
  sslcertificateauthorityfile: 'tlsCAFile',
  sslclientcertificatekeyfile: 'tlsCertificateKeyFile',
  sslclientcertificatekeypassword: 'tlsCertificateKeyFilePassword',
  sslinsecure: 'tlsInsecure',
  wtimeout: 'wtimeoutMS',
};

const byName: ReadonlyMap<string, string> = new Map([
  ...known.map((name) => [name.toLowerCase(), name] as const),
  ...Object.entries(older),
]);

/** The service sends again itself, and knows whether that is harmless. */
const retries = new Set(['retrywrites', 'retryreads']);

const mechanisms = ['SCRAM-SHA-1', 'SCRAM-SHA-256', 'MONGODB-X509', 'PLAIN', 'DEFAULT'];

export function urlOptionOf(key: string, value: string): Reading {
  const small = key.toLowerCase();
  if (retries.has(small)) return { outcome: 'left-out' };
  if (small === 'connect')
    return value === 'direct'
      ? { outcome: 'taken', option: { name: 'directConnection', value: 'true' } }
      : { outcome: 'left-out' };
  const name = byName.get(small);
  if (name === undefined)
    return { outcome: 'left-out', remark: `the option ${shownName(key)}, which is not known here` };
  switch (name) {
    case 'w':
      // Nobody would know what was stored.
      if (value === '0') return { outcome: 'left-out', remark: 'w=0: every write is answered' };
      break;
    case 'compressors': {
      const usable = decodeURIComponent(value)
        .split(',')
        .filter((each) => each === 'zlib');
      return usable.length === 0
        ? { outcome: 'left-out', remark: 'the compressors: "zlib" is the one there is' }
        : { outcome: 'taken', option: { name, value: 'zlib' } };
    }
    case 'authMechanism':
      if (!mechanisms.includes(value.toUpperCase()))
        return {
          outcome: 'refused',
          found: 'another authMechanism',
          expected: `one of ${mechanisms.join(', ')}`,
        };
      break;
    default:
  }
  return { outcome: 'taken', option: { name, value } };
}

/** A name may be a slip with a password in it. */
const shownName = (key: string): string => (/^\w{1,40}$/.test(key) ? key : 'of that name');

import type { TlsConfig } from '../config.ts';
import type { StorageOptions } from '../service-options.ts';
import { type Findings, type Place, place } from './findings.ts';

/** The group of the storage options in the global set. */
export const storageKey = 'analytics_storage_config';

type Version = TlsConfig['minVersion'];

const versions: ReadonlyMap<string, Version> = new Map([
  ['1.0', 'TLSv1'],
  ['1.1', 'TLSv1.1'],
  ['1.2', 'TLSv1.2'],
  ['1.3', 'TLSv1.3'],
]);

/** TLS to Redis; undefined: none. The versions must be some in either case, unlike in Tyk Pump. */
export function tlsOf(
  options: StorageOptions,
  at: Place,
  findings: Findings,
): TlsConfig | undefined {
  const read = (key: 'ssl_min_version' | 'ssl_max_version', fallback: Version): Version => {
    const said = options[key];
    const version = said === '' ? fallback : versions.get(said);
    if (version !== undefined) return version;
    const expected = 'one of "1.0", "1.1", "1.2", "1.3"';
    findings.problems.push({
      ...place(at, `${storageKey}.${key}`),
      found: 'text',
      expected,
      severity: 'error',
    });
    return fallback;
  };
  const minVersion = read('ssl_min_version', 'TLSv1.2');
  const maxVersion = read('ssl_max_version', 'TLSv1.3');
  if (!options.use_ssl && !options.redis_use_ssl) return undefined;
  const skips = (['ssl_insecure_skip_verify', 'redis_ssl_insecure_skip_verify'] as const).find(
    (key) => options[key],
  );
  if (skips !== undefined)
    findings.problems.push({
      ...place(at, `${storageKey}.${skips}`),
      found: 'true',
      expected: 'false: anyone on the way may read and change what Redis is sent',
      severity: 'warning',
    });
  // As texts they sort by age, since `TLSv1` comes before `TLSv1.1`.
  if (minVersion > maxVersion)
    findings.problems.push({
      ...place(at, `${storageKey}.ssl_min_version`),
      found: 'text',
      expected: 'a version not above `ssl_max_version`',
      severity: 'error',
    });
  const hasPair = options.ssl_cert_file !== '' && options.ssl_key_file !== '';
  if (!hasPair && options.ssl_cert_file + options.ssl_key_file !== '')
    findings.problems.push({
      ...place(
        at,
        `${storageKey}.${options.ssl_cert_file === '' ? 'ssl_cert_file' : 'ssl_key_file'}`,
      ),
      found: 'nothing',
      expected: 'a file; without both `ssl_cert_file` and `ssl_key_file` neither is used',
      severity: 'warning',
    });
  return {
    caFile: options.ssl_ca_file,
    certFile: hasPair ? options.ssl_cert_file : '',
    keyFile: hasPair ? options.ssl_key_file : '',
    skipVerify: options.ssl_insecure_skip_verify || options.redis_ssl_insecure_skip_verify,
    minVersion,
    maxVersion,
    serverName: '',
  };
}

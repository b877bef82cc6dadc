import type { Config } from '../config/config.ts';
import type { CheckedPump } from '../pump/check-pumps.ts';

/** A file in PEM with a certificate, in the words by which it is told of. */
export interface CertificateFile {
  readonly subject: string;
  readonly path: string;
}

type Pumps = readonly Pick<CheckedPump, 'entry' | 'pump'>[];

/** What it shows to Redis and to receivers of its telemetry: read when the process starts, and not again. */
export function certificatesOfProcess({
  redis,
  telemetry,
}: Pick<Config, 'redis' | 'telemetry'>): readonly CertificateFile[] {
  const own = [{ subject: 'redis: ssl_cert_file', path: redis.tls?.certFile ?? '' }];
  for (const signal of ['metrics', 'traces', 'logs'] as const)
    own.push({ subject: `telemetry ${signal}`, path: telemetry?.[signal]?.certFile ?? '' });
  return own.filter(({ path }) => path !== '');
}

/**
 * What it shows to those who ask the admin server, and to sinks: read again by a reload. Not `mongo_ssl_pem_keyfile`, a file that
 * has the private key as well.
 */
export function certificatesInForce({
  admin,
  pumps,
}: {
  readonly admin: Pick<Config['admin'], 'tls'>;
  readonly pumps: Pumps;
}): readonly CertificateFile[] {
  const { tls } = admin;
  const ofAdmin = tls === undefined ? [] : [{ subject: 'admin server', path: tls.certFile }];
  return [...ofAdmin, ...filesOf(pumps, 'ssl_cert_file')];
}

/** Files of authorities that it trusts in place of the system's. */
export function trustedAuthorities({
  redis,
  pumps,
}: Pick<Config, 'redis'> & { readonly pumps: Pumps }): readonly CertificateFile[] {
  const ofRedis = { subject: 'redis: ssl_ca_file', path: redis.tls?.caFile ?? '' };
  return [ofRedis, ...filesOf(pumps, 'ssl_ca_file', 'mongo_ssl_ca_file')].filter(
    ({ path }) => path !== '',
  );
}

const filesOf = (pumps: Pumps, ...options: readonly string[]): readonly CertificateFile[] =>
  pumps.flatMap(({ entry, pump }) =>
    pump.files
      .filter(({ option }) => options.includes(option))
      .map(({ option, path }) => ({ subject: `${entry.name}: ${option}`, path })),
  );

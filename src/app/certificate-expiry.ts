import { readFile } from 'node:fs/promises';
import type { Gauge, Metrics } from '../lib/metrics.ts';
import type { CertificateFile } from '../operate/certificate-files.ts';
import { validityOf } from '../operate/certificate-validity.ts';
import type { ExposedMetrics } from '../telemetry/metrics.ts';

/** The metric of `CertificateExpiry` alone. */
export const createExpiryGauge = (metrics: Metrics): Gauge =>
  metrics.gauge({
    name: 'sluice_certificate_expiry_timestamp_seconds',
    help: 'When a certificate that the service shows expires: that of the admin server (`admin server`), and client certificates (`ES: ssl_cert_file`). As it was when it was read last, at the start or by a reload.',
    labels: ['subject'],
  });

/**
 * Shows when certificates expire that the service itself shows: of the files as they are when they are put to use, for a renewed
 * file is of no use before that. A file that cannot be read, or has none, has no series; who needs it says so.
 */
export class CertificateExpiry {
  readonly #metrics: Pick<ExposedMetrics, 'forget'>;
  readonly #gauge: Gauge;
  #shown: ReadonlySet<string> = new Set();
  #last: Promise<void> = Promise.resolve();

  constructor(metrics: Metrics & Pick<ExposedMetrics, 'forget'>) {
    this.#metrics = metrics;
    this.#gauge = createExpiryGauge(metrics);
  }

  /** Those that are read once. Does not reject, and need not be waited for: a disk may not answer. */
  async begin(certificates: readonly CertificateFile[]): Promise<void> {
    await this.#look(certificates);
  }

  /** Those that are in force from now on, instead of those before. As `begin`; one after the other. */
  inForce(certificates: readonly CertificateFile[]): Promise<void> {
    this.#last = this.#last.then(async () => {
      const found = await this.#look(certificates);
      for (const subject of this.#shown)
        if (!found.has(subject)) await this.#metrics.forget('subject', subject);
      this.#shown = found;
    });
    return this.#last;
  }

  async #look(certificates: readonly CertificateFile[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const { subject, path } of certificates) {
      const until = await expiryIn(path);
      if (until === undefined) continue;
      this.#gauge.set(until / 1000, { subject });
      found.add(subject);
    }
    return found;
  }
}

async function expiryIn(path: string): Promise<number | undefined> {
  try {
    return validityOf(await readFile(path)).until;
  } catch {
    return undefined;
  }
}

/** What a run has measured, by what the server answered. */
export interface Measured {
  readonly elapsedSeconds: number;
  /** Seconds of each request, by status: `200 OK`. */
  readonly byStatus: ReadonlyMap<string, readonly number[]>;
  /** Of one request's body. */
  readonly bodyBytes: number;
  readonly api: string;
}

/** Prometheus's text, metric for metric as DataKit's client prints it. */
export function exposition({ elapsedSeconds, byStatus, bodyBytes, api }: Measured): string {
  const latencies: string[] = [];
  const bytes: string[] = [];
  for (const [status, seconds] of [...byStatus].sort()) {
    const labels = `api="${api}",status="${status}"`;
    const sorted = Float64Array.from(seconds).sort();
    for (const quantile of [0.5, 0.9, 0.99]) {
      const value = sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0;
      latencies.push(`api_latency_seconds{${labels},quantile="${quantile}"} ${goFloat(value)}`);
    }
    const sum = seconds.reduce((total, one) => total + one, 0);
    latencies.push(
      `api_latency_seconds_sum{${labels}} ${goFloat(sum)}`,
      `api_latency_seconds_count{${labels}} ${seconds.length}`,
    );
    bytes.push(`api_post_bytes_total{${labels}} ${goFloat(seconds.length * bodyBytes)}`);
  }
  return [
    '# HELP api_elapsed_seconds Proxied API elapsed seconds',
    '# TYPE api_elapsed_seconds gauge',
    `api_elapsed_seconds ${goFloat(elapsedSeconds)}`,
    '# HELP api_latency_seconds Proxied API latency',
    '# TYPE api_latency_seconds summary',
    ...latencies,
    '# HELP api_post_bytes_total Proxied API post bytes total',
    '# TYPE api_post_bytes_total counter',
    ...bytes,
    '',
  ].join('\n');
}

/** As Go's client library writes numbers: the shortest digits, with an exponent of two digits from a million on. */
export function goFloat(value: number): string {
  const [digits = '0', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

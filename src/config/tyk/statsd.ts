import { hostPortOf } from '../../lib/host-port.ts';
import type { StatsdConfig } from '../config.ts';
import type { Environment } from '../options/environment.ts';
import type { GlobalOptions } from '../service-options.ts';
import { type Findings, type Place, place } from './findings.ts';

/** The variable that turns it on, with this one value. */
const variable = 'TYK_INSTRUMENTATION';

/** Metrics of the service for a StatsD daemon (tyk-pump.md, "Metrics of itself"). */
export function statsdOf(
  { statsd_connection_string: address, statsd_prefix: prefix }: GlobalOptions,
  env: Environment,
  at: Place,
  findings: Findings,
): StatsdConfig | undefined {
  const isOn = env[variable] === '1';
  if (!isOn) {
    if (address !== '')
      findings.notes.push({
        ...place(at, 'statsd_connection_string'),
        text: `has no effect without the variable ${variable}=1, as in Tyk Pump; metrics are at /metrics`,
      });
    return undefined;
  }
  if (address === '') {
    findings.problems.push({
      source: 'environment',
      key: variable,
      found: '"1"',
      expected: 'a statsd_connection_string as well: without one no metrics go to StatsD',
      severity: 'warning',
    });
    return undefined;
  }
  const target = hostPortOf(address);
  if (target === undefined || target.port === 0) {
    findings.problems.push({
      ...place(at, 'statsd_connection_string'),
      found: 'text',
      expected: 'host:port of a StatsD daemon',
      severity: 'error',
    });
    return undefined;
  }
  return { target, prefix };
}

import { isIP } from 'node:net';
import { Secret } from '../../lib/secret.ts';
import type { OtlpTarget, TelemetryConfig } from '../config.ts';
import type { Environment } from '../options/environment.ts';
import type { OwnOptions } from '../own-options.ts';
import { type Findings, type Place, place } from './findings.ts';
import { isAddress, OtelVariables, type Signal, type Standard, signals } from './otel-variables.ts';

type Telemetry = OwnOptions['telemetry'];

/** What the service sends of itself over OTLP, and where; undefined: nothing (docs/telemetry.md). */
export function telemetryOf(
  { telemetry: own }: Pick<OwnOptions, 'telemetry'>,
  env: Environment,
  at: Place,
  findings: Findings,
): TelemetryConfig | undefined {
  const isSaid = (option: string): boolean => at.saidBy.has(`telemetry.${option}`);
  const wrong = (option: string, found: string, expected: string): void => {
    const where = place(at, `telemetry.${option}`);
    findings.problems.push({ ...where, found, expected, severity: 'error' });
  };
  checkOptions(own, wrong);
  const variables = new OtelVariables(env, (problem) => findings.problems.push(problem));
  const { common, isDisabled } = variables;
  const valueOf = <K extends keyof Telemetry>(option: K, ...said: Standard[]): Telemetry[K] => {
    if (isSaid(option)) return own[option];
    const found = said.find((each) => each[option] !== undefined)?.[option];
    return found === undefined ? own[option] : found.value;
  };
  const targetOf = (signal: Signal): OtlpTarget | undefined => {
    const special = variables.of(signal);
    const url = isSaid('endpoint')
      ? addressOf(own.endpoint, signal)
      : (special.endpoint?.value.reveal() ??
        addressOf(common.endpoint?.value ?? own.endpoint, signal));
    if (url === '' || !valueOf(signal, common)) return undefined;
    if (!isSaid('endpoint') && variables.isUnreadable(signal, 'ENDPOINT')) return undefined;
    if (!isSaid('protocol') && variables.isUnreadable(signal, 'PROTOCOL')) return undefined;
    const of = <K extends keyof Telemetry>(option: K) => valueOf(option, special, common);
    return {
      url: new Secret(url),
      protocol: of('protocol'),
      headers: of('headers'),
      compression: of('compression'),
      timeout: of('timeout'),
      caFile: of('tls_ca_file'),
      certFile: of('tls_cert_file'),
      keyFile: of('tls_key_file'),
    };
  };
  const [metrics, traces, logs] = signals.map(targetOf);
  const targets = [metrics, traces, logs].filter((target) => target !== undefined);
  if (targets.length === 0) return undefined;
  if (isDisabled) {
    const text = 'is true, so nothing is sent over OTLP';
    findings.notes.push({ source: 'environment', key: 'OTEL_SDK_DISABLED', text });
    return undefined;
  }
  sayUnsafe(targets, isSaid('headers') ? place(at, 'telemetry.headers') : undefined, findings);
  return {
    metrics,
    traces,
    logs,
    interval: valueOf('interval', common),
    sampleRatio: valueOf('sample_ratio', common),
    resource: resourceOf(own, common, isSaid),
  };
}

function checkOptions(
  own: Telemetry,
  wrong: (option: string, found: string, expected: string) => void,
): void {
  const endpoint = own.endpoint.reveal();
  if (endpoint !== '' && !isAddress(endpoint))
    wrong('endpoint', 'text', 'an http:// or https:// address');
  if (own.sample_ratio < 0 || own.sample_ratio > 1)
    wrong('sample_ratio', String(own.sample_ratio), 'a number from 0 to 1');
  if (own.tls_cert_file !== '' && own.tls_key_file === '')
    wrong('tls_key_file', 'nothing', 'the key of `tls_cert_file`');
  if (own.tls_key_file !== '' && own.tls_cert_file === '')
    wrong('tls_cert_file', 'nothing', 'the certificate of `tls_key_file`');
  for (const [name, value] of Object.entries(own.headers))
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
      wrong('headers', 'a name with other characters', 'names of HTTP headers');
    else if (/[^\t\x20-\x7e\x80-\xff]/.test(value.reveal()))
      wrong('headers', `a value of ${name} with other characters`, 'values of HTTP headers');
}

/** The address for one signal: a path is added to the common one, whose own path and query stay. */
function addressOf(endpoint: Secret, signal: Signal): string {
  const text = endpoint.reveal();
  if (text === '' || !isAddress(text)) return '';
  const url = new URL(text);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
  return url.href;
}

/** The one that is more special counts, name by name. */
function resourceOf(
  own: Telemetry,
  common: Standard,
  isSaid: (option: string) => boolean,
): Readonly<Record<string, string>> {
  const resource = { ...common.resource?.value, ...own.resource };
  const named = isSaid('service_name') ? own.service_name : common.service_name?.value;
  return {
    ...resource,
    'service.name': named ?? resource['service.name'] ?? own.service_name,
  };
}

/** A key in a header can be read on the way to another machine. */
function sayUnsafe(
  targets: readonly OtlpTarget[],
  said: ReturnType<typeof place> | undefined,
  { problems }: Findings,
): void {
  const isUnsafe = targets.some(({ url, headers }) => {
    const { protocol, hostname } = new URL(url.reveal());
    return protocol === 'http:' && Object.keys(headers).length > 0 && !isHere(hostname);
  });
  if (isUnsafe)
    problems.push({
      ...(said ?? { source: 'environment', key: 'OTEL_EXPORTER_OTLP_HEADERS' }),
      found: 'headers for an http:// address of another machine',
      expected: 'an https:// address: anyone on the way may read them',
      severity: 'warning',
    });
}

function isHere(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

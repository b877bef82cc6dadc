/**
 * The variables of OpenTelemetry's specification that say what options of `sluice.telemetry` could say. They are often there for
 * every program of a machine, so an option of ours counts before them, and one that cannot be read is a warning and says nothing.
 */
import { Secret } from '../../lib/secret.ts';
import { millis } from '../../lib/units.ts';
import type { Environment } from '../options/environment.ts';
import type { OptionValue } from '../options/option-value.ts';
import { textsOf } from '../options/secrets.ts';
import type { OwnOptions } from '../own-options.ts';
import type { Problem } from '../problem.ts';

export type Signal = 'metrics' | 'traces' | 'logs';
export const signals: readonly Signal[] = ['metrics', 'traces', 'logs'];

type Telemetry = OwnOptions['telemetry'];

/** A variable of one option: its name behind `OTEL_`, and how it is read. Undefined: it cannot be. */
interface Variable<K extends keyof Telemetry = keyof Telemetry> {
  readonly option: K;
  readonly name: string;
  readonly expected: string;
  readonly read: (text: string) => Telemetry[K] | undefined;
}

const variable = <K extends keyof Telemetry>(
  option: K,
  name: string,
  expected: string,
  read: (text: string) => Telemetry[K] | undefined,
): Variable<K> => ({ option, name, expected, read });

const asText = (text: string): string => text;
const asTime = (text: string) =>
  /^\d{1,9}$/.test(text) && Number(text) > 0 ? millis(Number(text)) : undefined;
const time = 'a number of milliseconds';

/** Those that exist with the name of a signal too: `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`. */
const ofTarget = [
  variable('endpoint', 'ENDPOINT', 'an http:// or https:// address', (text) =>
    isAddress(text) ? new Secret(text) : undefined,
  ),
  variable(
    'protocol',
    'PROTOCOL',
    'http/protobuf or http/json: a receiver has them at another port than gRPC, usually 4318',
    (text) => (text === 'http/protobuf' || text === 'http/json' ? text : undefined),
  ),
  variable('headers', 'HEADERS', 'name=value,name=value', (text) => {
    const pairs = pairsOf(text);
    return (
      pairs &&
      Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name, new Secret(value)]))
    );
  }),
  variable('compression', 'COMPRESSION', 'gzip or none', (text) =>
    text === 'gzip' || text === 'none' ? text : undefined,
  ),
  variable('timeout', 'TIMEOUT', time, asTime),
  variable('tls_ca_file', 'CERTIFICATE', 'a file', asText),
  variable('tls_cert_file', 'CLIENT_CERTIFICATE', 'a file', asText),
  variable('tls_key_file', 'CLIENT_KEY', 'a file', asText),
] as const;

const exporters = 'otlp or none: the service has no other exporter';
const asExporter = (text: string): boolean | undefined =>
  text === 'otlp' ? true : text === 'none' ? false : undefined;

const ofService = [
  variable('metrics', 'METRICS_EXPORTER', exporters, asExporter),
  variable('interval', 'METRIC_EXPORT_INTERVAL', time, asTime),
  variable('traces', 'TRACES_EXPORTER', exporters, asExporter),
  variable('logs', 'LOGS_EXPORTER', exporters, asExporter),
  variable('service_name', 'SERVICE_NAME', 'a text', asText),
  variable('resource', 'RESOURCE_ATTRIBUTES', 'name=value,name=value', pairsOf),
] as const;

const prefix = 'OTEL_EXPORTER_OTLP_';

/** A value, and the variable that says it. */
export interface FromVariable<T> {
  readonly value: T;
  readonly name: string;
}

export type Standard = {
  readonly [K in keyof Telemetry]?: FromVariable<Telemetry[K]>;
};

/** What the variables say; an empty one says nothing. Problems are given to `wrong`. */
export class OtelVariables {
  readonly #env: Environment;
  readonly #wrong: (problem: Problem) => void;

  constructor(env: Environment, wrong: (problem: Problem) => void = () => undefined) {
    this.#env = env;
    this.#wrong = wrong;
  }

  /** Nothing is to be sent, whatever else says so. */
  get isDisabled(): boolean {
    return (
      this.#read('OTEL_SDK_DISABLED', 'true or false', (text) =>
        /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined,
      )?.value ?? false
    );
  }

  /** For all signals. */
  get common(): Standard {
    const said: { -readonly [K in keyof Standard]: Standard[K] } = {};
    for (const each of ofTarget) this.#take(said, each, prefix + each.name);
    for (const each of ofService) this.#take(said, each, `OTEL_${each.name}`);
    const ratio = this.#sampleRatio();
    return ratio === undefined ? said : { ...said, sample_ratio: ratio };
  }

  /** For one signal alone. */
  of(signal: Signal): Standard {
    const said: { -readonly [K in keyof Standard]: Standard[K] } = {};
    for (const each of ofTarget)
      this.#take(said, each, `${prefix}${signal.toUpperCase()}_${each.name}`);
    return said;
  }

  /** It is said, and cannot be read: a default would send to somewhere else than what was meant. */
  isUnreadable(signal: Signal, name: 'ENDPOINT' | 'PROTOCOL'): boolean {
    const one = ofTarget.find((each) => each.name === name);
    const own = this.#env[`${prefix}${signal.toUpperCase()}_${name}`] ?? '';
    const text = own === '' ? (this.#env[prefix + name] ?? '') : own;
    return text !== '' && one?.read(text) === undefined;
  }

  #take(
    said: { -readonly [K in keyof Standard]: Standard[K] },
    { option, expected, read }: Variable,
    name: string,
  ): void {
    const found = this.#read<unknown>(name, expected, read);
    if (found !== undefined) Object.assign(said, { [option]: found });
  }

  #read<T>(
    name: string,
    expected: string,
    read: (text: string) => T | undefined,
  ): FromVariable<T> | undefined {
    const text = this.#env[name]?.trim() ?? '';
    if (text === '') return undefined;
    const value = read(text);
    if (value !== undefined) return { value, name };
    this.#wrong({ source: 'environment', key: name, found: 'text', expected, severity: 'warning' });
    return undefined;
  }

  /** Whether a caller has sampled says nothing here: a batch has none. */
  #sampleRatio(): FromVariable<number> | undefined {
    const samplers = ['always_on', 'always_off', 'traceidratio'] as const;
    const sampler = this.#read(
      'OTEL_TRACES_SAMPLER',
      'always_on, always_off or traceidratio, also behind parentbased_',
      (text) => samplers.find((each) => each === text.replace(/^parentbased_/, '')),
    );
    if (sampler === undefined) return undefined;
    if (sampler.value !== 'traceidratio')
      return { value: sampler.value === 'always_on' ? 1 : 0, name: sampler.name };
    const ratio = this.#read('OTEL_TRACES_SAMPLER_ARG', 'a number from 0 to 1', (text) =>
      /^(?:0|1|[01]?\.\d+)$/.test(text) && Number(text) <= 1 ? Number(text) : undefined,
    );
    return ratio ?? { value: 1, name: sampler.name };
  }
}

/** `name=value,name=value` with escapes as in a URL, as W3C's baggage has it. */
function pairsOf(text: string): Readonly<Record<string, string>> | undefined {
  const pairs: Record<string, string> = {};
  for (const part of text.split(',')) {
    if (part.trim() === '') continue;
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    if (at < 0 || name === '') return undefined;
    try {
      pairs[decodeURIComponent(name)] = decodeURIComponent(part.slice(at + 1).trim());
    } catch {
      return undefined;
    }
  }
  return pairs;
}

/** Of OTLP over HTTP. */
export const isAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** What must be masked of them, readable or not. */
export function otelSecrets(env: Environment): readonly string[] {
  const names = ['', ...signals.map((signal) => `${signal.toUpperCase()}_`)];
  const said = (name: string): readonly string[] =>
    names.flatMap((signal) => env[`${prefix}${signal}${name}`] ?? []);
  return [
    ...said('ENDPOINT').flatMap(textsOf),
    ...said('HEADERS').flatMap((text) =>
      Object.values(pairsOf(text) ?? { whole: text }).flatMap(textsOf),
    ),
  ];
}

/** The values of options with what the variables say where nobody else does. */
export function withOtelVariables(
  values: readonly OptionValue[],
  env: Environment,
): readonly OptionValue[] {
  const said: Readonly<Record<string, FromVariable<unknown> | undefined>> = new OtelVariables(env)
    .common;
  return values.map((each) => {
    const found = each.key.startsWith(root) ? said[each.key.slice(root.length)] : undefined;
    return found === undefined || each.by.kind !== 'nobody'
      ? each
      : { ...each, value: found.value, by: { kind: 'variable', name: found.name } };
  });
}

const root = 'sluice.telemetry.';

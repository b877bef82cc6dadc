import { choice, flag, number, secret, text } from './options/builders.ts';
import { group, map, secretMap } from './options/collections.ts';
import { duration } from './options/measures.ts';

/** Where the service sends its own metrics, traces and logs. Words are those of OpenTelemetry's variables (tyk/otel-variables.ts). */
export const telemetryOptions = group(
  {
    endpoint: secret({
      doc: 'Address of a receiver of OTLP over HTTP, such as an OpenTelemetry Collector: `http://localhost:4318`. `/v1/metrics`, `/v1/traces` and `/v1/logs` are added. The service sends its own metrics, traces and logs there (docs/telemetry.md). Empty: nothing is sent. Of it only the server is ever printed.',
      default: '',
    }),
    protocol: choice(['http/protobuf', 'http/json'], {
      doc: 'How requests are written.',
      default: 'http/protobuf',
    }),
    headers: secretMap({
      doc: 'Further headers of every request, such as a key. Never printed.',
      default: {},
    }),
    compression: choice(['none', 'gzip'], {
      doc: 'How requests are compressed.',
      default: 'none',
    }),
    timeout: duration({
      doc: 'Longest time that a request may take, with its retries.',
      default: '10s',
      min: '100ms',
    }),
    tls_ca_file: text({
      doc: 'PEM file of the authorities to trust. They replace the system’s roots. Empty: those.',
      default: '',
    }),
    tls_cert_file: text({ doc: 'PEM file of the client certificate.', default: '' }),
    tls_key_file: text({ doc: 'PEM file of its private key.', default: '' }),
    metrics: flag({ doc: 'Sends all metrics of the page `/metrics`.', default: true }),
    interval: duration({
      doc: 'Time between two exports of the metrics.',
      default: '60s',
      min: '1s',
    }),
    traces: flag({ doc: 'Sends spans of some batches.', default: true }),
    sample_ratio: number({
      doc: 'Share of batches of which spans are sent, from 0 (none) to 1 (all).',
      default: 0.01,
    }),
    logs: flag({ doc: 'Sends the lines of the log.', default: true }),
    service_name: text({ doc: 'The resource’s `service.name`.', default: 'sluice' }),
    resource: map({
      doc: 'Further attributes of the resource, such as `deployment.environment.name`.',
      default: {},
    }),
  },
  {
    doc: 'The service’s own metrics, traces and logs over OTLP. The variables of OpenTelemetry count where these options say nothing.',
  },
);

import { definePump, fullShape, httpServers } from '#pump';
import { attributesShape } from './logs/document.ts';
import { openSink } from './opening.ts';
import { problemsOf } from './option-rules.ts';
import { options } from './options.ts';
import { limitsOf } from './settings.ts';

export default definePump({
  type: 'otlp',
  title: 'OpenTelemetry Pump',
  summary: 'Sends log records or metrics to an OTLP receiver, such as an OpenTelemetry Collector.',
  options,
  document({ signal, body }) {
    if (signal === 'metrics') return undefined;
    return body === 'line' ? attributesShape : fullShape;
  },
  limits: limitsOf,
  // Several threads would each count a part of the same series.
  workers: ({ signal }) => (signal === 'metrics' ? 'one' : 'any'),
  repeats: ({ signal }) => (signal === 'metrics' ? 'counted-twice' : 'stored-twice'),
  guarantee: 'at-least-once',
  check: problemsOf,
  // Requests of gRPC go through no proxy.
  servers: ({ url, protocol }) => (protocol === 'grpc' ? [] : httpServers(url)),
  open: openSink,
});

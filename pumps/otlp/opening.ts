import { type Clock, httpServers, LentWriters, openHttpClient, type PumpContext } from '#pump';
import { envelopeOf } from './envelope.ts';
import { httpTransport } from './http.ts';
import { logsEncoder } from './logs/encode.ts';
import { logsSignal } from './logs/signal.ts';
import { fixedLabel, labelsOf } from './metrics/attributes.ts';
import { Counting } from './metrics/counting.ts';
import { instrumentsOf, sizeBounds } from './metrics/instruments.ts';
import { metricsSignal } from './metrics/signal.ts';
import type { Options } from './options.ts';
import { headersOf, pathOf, resourceOf } from './settings.ts';
import { OtlpSink, type Signal } from './sink.ts';
import type { Transport } from './transport.ts';

/** Asks the receiver for nothing. */
export async function openSink(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<OtlpSink> {
  const transport = await openTransport(options, context, signal);
  return new OtlpSink(signalOf(options, context), transport, new LentWriters());
}

async function openTransport(
  options: Options,
  context: PumpContext,
  signal: AbortSignal,
): Promise<Transport> {
  const [url] = httpServers(options.url);
  const [path, headers, isCompressed] = [pathOf(options), headersOf(options), options.gzip];
  if (options.protocol === 'grpc') {
    // Loaded where it is wanted.
    const { openGrpcTransport } = await import('./grpc/transport.ts');
    return openGrpcTransport({ url, path, headers, isCompressed }, options, context, signal);
  }
  const client = await openHttpClient({ url, headers }, options, context, signal);
  return httpTransport(client, { path, isCompressed, log: context.log });
}

function signalOf(options: Options, context: PumpContext): Signal {
  const resource = resourceOf(options);
  const { clock, document } = context;
  if (options.signal === 'logs') {
    const envelope = envelopeOf(resource);
    return logsSignal(logsEncoder({ body: options.body, document, envelope }), clock);
  }
  const { metrics, metric_attributes, url_scheme, max_series, use_sample_weight } = options;
  const counting = new Counting(
    instrumentsOf(metrics).map((instrument) => ({
      instrument,
      bounds: instrument.unit === 's' ? options.buckets : sizeBounds,
    })),
    {
      labels: labelsOf(metric_attributes),
      fixed: url_scheme === undefined ? [] : [fixedLabel('url.scheme', url_scheme)],
      most: max_series,
      weighs: use_sample_weight,
    },
  );
  // Two that count the same series would each contradict the other.
  const envelope = envelopeOf({ 'service.instance.id': randomId(clock), ...resource });
  return metricsSignal({ counting, envelope, temporality: options.temporality, ...context });
}

const randomId = (clock: Clock): string =>
  Array.from({ length: 32 }, () => Math.floor(clock.random() * 16).toString(16)).join('');

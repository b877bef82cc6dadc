import { bytes, credentialsIn, httpUrl, type Limits, mebibytes, millis } from '#pump';
import type { Options } from './options.ts';

/** Metrics go one request after the other, for each counts on from the last one. */
export const limitsOf = ({ signal, batch_records, batch_bytes }: Options): Limits => ({
  records: batch_records,
  bytes: bytes(Math.min(batch_bytes, mebibytes(32))),
  age: millis(signal === 'logs' ? 1_000 : 5_000),
  inFlight: signal === 'logs' ? 4 : 1,
});

/** What is added to the address, for the signal and the protocol. Empty: it stands there. */
export function pathOf({ url, signal, protocol }: Options): string {
  const service = signal === 'logs' ? 'logs.v1.LogsService' : 'metrics.v1.MetricsService';
  if (protocol === 'grpc') return `/opentelemetry.proto.collector.${service}/Export`;
  const path = `/v1/${signal}`;
  return httpUrl(url.reveal())?.pathname.replace(/\/+$/, '').endsWith(path) === true ? '' : path;
}

/** Names in small letters, so that the operator's take the place of ours. */
export function headersOf({ url, headers }: Options): Readonly<Record<string, string>> {
  const address = httpUrl(url.reveal());
  const user = address === undefined ? undefined : credentialsIn(address);
  const pair = user === undefined ? '' : `${user.username}:${user.password}`;
  return {
    ...(pair === '' ? {} : { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
    ...Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value.reveal()]),
    ),
  };
}

export const resourceOf = ({ resource }: Options): Readonly<Record<string, string>> => ({
  'service.name': 'tyk-gateway',
  ...resource,
});

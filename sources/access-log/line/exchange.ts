import { type CallFacts, type Direction, type Exchange, hostPortOf } from '#source';
import type { LineFields } from './fields.ts';

export interface LineRules {
  readonly direction: Direction;
  readonly host: string;
  readonly call: CallFacts;
}

const noBytes = Buffer.alloc(0);

/** What a line says as an exchange, without headers and bodies: of those it knows lengths alone. */
export function exchangeOf(fields: LineFields, { direction, host, call }: LineRules): Exchange {
  const { method, target, httpVersion, status, received, sent, total, upstream, error } = fields;
  const peer = hostPortOf(fields.server);
  const headers = [
    ...(fields.userAgent === '' ? [] : ['User-Agent', fields.userAgent]),
    ...(fields.referer === '' ? [] : ['Referer', fields.referer]),
  ];
  return {
    ...{
      source: 'access-log',
      direction,
      startedAt: fields.startedAt,
      latency: { total, upstream },
    },
    client: { address: fields.client, port: 0 },
    server: peer === undefined ? undefined : { address: peer.host, port: peer.port },
    ...{ scheme: 'http', tls: undefined, isOpaque: method === 'CONNECT' },
    request: {
      ...{ method, target, httpVersion, host: fields.host || host, rawHeaders: headers },
      body: { bytes: noBytes, length: received },
    },
    response:
      status === 0
        ? undefined
        : {
            status,
            reason: '',
            httpVersion,
            rawHeaders: [],
            body: { bytes: noBytes, length: sent },
          },
    ...{ bytesIn: received, bytesOut: sent },
    error: error === '' ? undefined : { kind: error, words: 'The log has no status.' },
    // A message that is made up of what a log keeps is nothing that anybody sent.
    call: { ...call, isDetailed: false },
  };
}

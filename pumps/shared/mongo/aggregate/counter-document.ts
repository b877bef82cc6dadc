import type { Document } from 'mongodb';
import { type Counter, meanOf, OpenCounter, type RecordTime } from '#pump';
import type { Types } from './types.ts';

/** A counter with all its members, as it stands in a list. */
export function counterDocument(counter: Counter, types: Types): Document {
  const { integer, long, double } = types;
  const { hits } = counter;
  return {
    hits: integer(hits),
    success: integer(counter.success),
    errortotal: integer(counter.error),
    requesttime: double(meanOf({ hits }, counter.totalRequestTime)),
    totalrequesttime: double(counter.totalRequestTime),
    identifier: counter.identifier,
    humanidentifier: counter.humanIdentifier,
    lasttime: dateOf(counter.lastTime),
    openconnections: long(counter.openConnections),
    closedconnections: long(counter.closedConnections),
    bytesin: long(counter.bytesIn),
    bytesout: long(counter.bytesOut),
    maxupstreamlatency: long(counter.maxUpstreamLatency),
    minupstreamlatency: long(counter.minUpstreamLatency),
    totalupstreamlatency: long(counter.totalUpstreamLatency),
    upstreamlatency: double(meanOf({ hits }, counter.totalUpstreamLatency)),
    maxlatency: long(counter.maxLatency),
    minlatency: long(counter.minLatency),
    totallatency: long(counter.totalLatency),
    latency: double(meanOf({ hits }, counter.totalLatency)),
    errormap: Object.fromEntries(
      [...counter.errorMap].map(([code, count]) => [String(code), integer(count)]),
    ),
    errorlist: errorList(counter, types),
  };
}

/** Sorted by code, as a text. */
export const errorList = ({ errorMap }: Counter, { integer }: Types): readonly Document[] =>
  [...errorMap]
    .map(([code, count]) => ({ code: String(code), count: integer(count) }))
    .sort((one, other) => (one.code < other.code ? -1 : 1));

export const dateOf = ({ seconds, nanos }: RecordTime): Date =>
  new Date(Number(seconds) * 1_000 + Math.trunc(nanos / 1_000_000));

/** What a document has of a counter, whoever wrote it; what is missing counts as nothing. */
export function readCounter(document: Document): OpenCounter {
  const number = (name: string): number => Number(document[name] ?? 0);
  const text = (name: string): string => (typeof document[name] === 'string' ? document[name] : '');
  const time = timeOf(document['lasttime']);
  const counter = new OpenCounter(text('identifier'), text('humanidentifier'), time);
  const errors = Object.entries((document['errormap'] ?? {}) as Document);
  counter.add({
    identifier: counter.identifier,
    humanIdentifier: counter.humanIdentifier,
    hits: number('hits'),
    success: number('success'),
    error: number('errortotal'),
    totalRequestTime: number('totalrequesttime'),
    totalLatency: number('totallatency'),
    totalUpstreamLatency: number('totalupstreamlatency'),
    maxLatency: number('maxlatency'),
    maxUpstreamLatency: number('maxupstreamlatency'),
    minLatency: number('minlatency'),
    minUpstreamLatency: number('minupstreamlatency'),
    openConnections: number('openconnections'),
    closedConnections: number('closedconnections'),
    bytesIn: number('bytesin'),
    bytesOut: number('bytesout'),
    errorMap: new Map(errors.map(([code, count]) => [Number(code), Number(count)])),
    lastTime: time,
  });
  return counter;
}

function timeOf(value: unknown): RecordTime {
  const at = value instanceof Date ? value.getTime() : -62_135_596_800_000;
  const seconds = Math.floor(at / 1_000);
  return { seconds, nanos: (at - seconds * 1_000) * 1_000_000, zone: 'UTC' };
}

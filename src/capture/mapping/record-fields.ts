import type { RecordFields, TextValue } from '../../record/encode/record-fields.ts';
import type { BodyCopy, Exchange, RequestSeen } from '../exchange.ts';
import { instantsOf } from './instants.ts';
import { tagsOf } from './tags.ts';
import { headerIn, requestText, responseText } from './wire.ts';

export interface MappingRules {
  /** Records have payloads, unless the call says otherwise. */
  readonly isDetailed: boolean;
  /** Whether records have the tags of ours. */
  readonly tags: boolean;
  /** Of exchanges that name no organisation. */
  readonly orgId: string;
  /** Where all of them were seen, as a tag; left out, or empty: no tag. */
  readonly cluster?: string | undefined;
}

/** The fields that records of exchanges have; all others are as in a record that has nothing of them. */
export const mappedFields = [
  ...(['method', 'host', 'path', 'raw_path', 'content_length', 'user_agent'] as const),
  ...(['day', 'month', 'year', 'hour', 'timestamp', 'expireAt', 'response_code'] as const),
  ...(['api_key', 'api_version', 'api_name', 'api_id', 'org_id', 'oauth_id', 'alias'] as const),
  ...(['request_time', 'raw_request', 'raw_response', 'ip_address', 'network', 'latency'] as const),
  ...(['tags', 'track_path', 'listen_path'] as const),
] satisfies readonly (keyof RecordFields)[];

export type MappedFields = Pick<RecordFields, (typeof mappedFields)[number]>;

/** An exchange as the record that a gateway would have written of it (docs/capture.md, "What a record has"). */
export function recordFieldsOf(exchange: Exchange, rules: MappingRules): MappedFields {
  const { request, response, call, latency, isOpaque } = exchange;
  const isDetailed = (call.isDetailed ?? rules.isDetailed) && !isOpaque;
  const isTruncated =
    isDetailed && (isCut(request.body) || (response !== undefined && isCut(response.body)));
  const path = call.path ?? pathOf(request);
  const instants = instantsOf(exchange.startedAt, call.expiresAfter);
  // Each member by itself: spreading them would be a tenth of what a record costs.
  return {
    method: request.method,
    host: call.host ?? request.host,
    path,
    raw_path: call.rawPath ?? path,
    content_length: request.body.length,
    user_agent: onWire(headerIn(request.rawHeaders, 'user-agent') ?? ''),
    day: instants.day,
    month: instants.month,
    year: instants.year,
    hour: instants.hour,
    timestamp: instants.timestamp,
    expireAt: instants.expireAt,
    response_code: response?.status ?? 0,
    api_key: call.apiKey ?? '',
    api_version: call.apiVersion ?? 'Non Versioned',
    api_name: call.apiName ?? '',
    api_id: call.apiId ?? '',
    org_id: call.orgId ?? rules.orgId,
    oauth_id: call.oauthId ?? '',
    request_time: whole(latency.total),
    raw_request: isDetailed ? requestText(request) : '',
    raw_response: isDetailed && response !== undefined ? responseText(response) : '',
    ip_address: call.clientAddress ?? addressOf(exchange.client.address),
    network: { bytes_in: exchange.bytesIn, bytes_out: exchange.bytesOut },
    latency: {
      total: whole(latency.total),
      upstream: whole(latency.upstream),
      gateway: whole(latency.gateway ?? latency.total - latency.upstream),
    },
    tags: rules.tags ? tagsOf(exchange, isTruncated, rules.cluster) : (call.tags ?? null),
    alias: call.alias ?? '',
    track_path: call.trackPath ?? false,
    listen_path: call.listenPath ?? '',
  };
}

const isCut = ({ bytes, length }: BodyCopy): boolean => bytes.length < length;

/** A header's value as its bytes, which Node gives as Latin-1: UTF-8 mostly, and in a gateway's records whatever it is. */
const onWire = (value: string): TextValue =>
  /[^\0-\x7f]/.test(value) ? Buffer.from(value, 'latin1') : value;

/** Whole milliseconds, as the gateway counts. */
const whole = (millis: number): number => Math.max(0, Math.floor(millis));

/** Of a socket that takes both families. */
const addressOf = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** The target without its query; of a URL its path; of CONNECT nothing. */
function pathOf({ method, target }: RequestSeen): string {
  if (method === 'CONNECT') return '';
  const query = target.indexOf('?');
  const bare = query < 0 ? target : target.slice(0, query);
  if (bare.startsWith('/')) return bare;
  const [, path = ''] = /^[a-z][a-z\d+.-]*:\/\/[^/]*(\/.*)?$/i.exec(bare) ?? [undefined, bare];
  return path === '' ? '/' : path;
}

import { type Millis, millis } from '../../lib/units.ts';
import type { RecordFields } from '../../record/encode/record-fields.ts';
import { type Api, agents, apis, methods, orgId, places, statuses } from './catalogue.ts';
import { Chance } from './chance.ts';
import { base64, type Call, requestText, responseText } from './http-message.ts';
import { calendarOf, timeOf } from './times.ts';

export interface TrafficOptions {
  readonly seed: number;
  /** Bytes a MessagePack record should have; smaller ones are not reached. */
  readonly size: number;
  /** Time of record 0, and milliseconds between records. */
  readonly firstAt: Millis;
  readonly interval: number;
}

/** Record `index` of the traffic: a pure function of its arguments. */
export function recordAt(index: number, options: TrafficOptions): RecordFields {
  const chance = new Chance(options.seed, index);
  const api = chance.pick(apis);
  const call = callTo(api, chance);
  const { request, response } = messagesOf(call, options.size, chance);
  const at = millis(Math.floor(options.firstAt + index * options.interval));
  const upstream = 2 + Math.floor(chance.share() ** 4 * 900);
  const gateway = 1 + chance.below(6);
  const key = chance.below(1_000).toString(16).padStart(32, '0');
  const path = call.path.slice(api.listenPath.length - 1);
  return {
    method: call.method,
    host: call.host,
    path,
    raw_path: call.path,
    content_length: request.length,
    user_agent: call.agent,
    ...calendarOf(at),
    response_code: call.status,
    api_key: `${orgId}${key}`,
    timestamp: timeOf(at, chance.below(1_000_000)),
    api_version: api.version,
    api_name: api.name,
    api_id: api.id,
    org_id: orgId,
    oauth_id: chance.below(5) === 0 ? chance.hex(32) : '',
    request_time: upstream + gateway,
    raw_request: base64(request),
    raw_response: base64(response),
    ip_address: `10.${chance.below(200)}.${chance.below(256)}.${chance.below(256)}`,
    geo: placeOf(chance),
    latency: { total: upstream + gateway, upstream, gateway },
    tags: [`key-${key.slice(-8)}`, `org-${orgId}`, `api-${api.id}`],
    alias: chance.below(3) === 0 ? chance.pick(['mobile', 'web', 'partner, "beta"']) : '',
    track_path: chance.below(10) === 0,
    expireAt: timeOf(millis(at + sevenDays), 0),
    original_path: path,
    listen_path: api.listenPath,
    graphql_stats: graphOf(api, call),
    mcp_stats: mcpOf(api, chance),
  };
}

const sevenDays = 7 * 24 * 3_600_000;

function callTo(api: Api, chance: Chance): Call {
  const path = chance.pick(api.paths).replace(':id', String(10_000 + chance.below(5_000)));
  return {
    method: api.kind === 'rest' ? chance.pick(methods) : 'POST',
    path: `${api.listenPath.slice(0, -1)}${path}`,
    host: 'api.example.com',
    agent: chance.pick(agents),
    status: chance.pick(statuses),
  };
}

/** Half of what the size leaves for the response, a quarter for the request; base64 makes four bytes of three. */
function messagesOf(call: Call, size: number, chance: Chance) {
  const bodies = Math.max(120, (Math.max(0, size - bareSize) * 3) / 4 - 400);
  const hasRequestBody = call.method === 'POST' || call.method === 'PUT';
  const hasResponseBody = call.status !== 204 && call.status !== 304;
  const share = hasRequestBody && hasResponseBody ? 0.5 : 1;
  return {
    request: requestText(call, bodies * share, chance),
    response: responseText(call, bodies * share, chance),
  };
}

/** Bytes of a MessagePack record without its messages, about. */
const bareSize = 1_150;

/** One call in four comes from a known place. */
function placeOf(chance: Chance): NonNullable<RecordFields['geo']> {
  if (chance.below(4) > 0) return {};
  const { country, city, geonameId, latitude, longitude, timeZone } = chance.pick(places);
  return {
    country: { iso_code: country },
    city: { geoname_id: geonameId, names: { en: city } },
    location: { latitude, longitude, time_zone: timeZone },
  };
}

function graphOf({ kind }: Api, { status }: Call): NonNullable<RecordFields['graphql_stats']> {
  if (kind !== 'graphql') return {};
  const hasErrors = status >= 500;
  return {
    IsGraphQL: true,
    OperationType: 1,
    Variables: '{"first":10}',
    RootFields: ['products'],
    Types: { Product: ['id', 'name', 'price'] },
    HasErrors: hasErrors,
    Errors: hasErrors ? [{ message: 'upstream failed', path: ['products'] }] : null,
  };
}

function mcpOf({ kind }: Api, chance: Chance): NonNullable<RecordFields['mcp_stats']> {
  if (kind !== 'mcp') return {};
  return {
    is_mcp: true,
    jsonrpc_method: 'tools/call',
    primitive_type: 'tool',
    primitive_name: chance.pick(['search_products', 'track_order']),
  };
}

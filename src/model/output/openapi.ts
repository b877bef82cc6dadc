import { STATUS_CODES } from 'node:http';
import type { BodyStats, Operation, ResponseStats } from '../operations/operation.ts';
import { quantile } from '../operations/operation.ts';
import type { ApiPath, PathParameter } from '../paths/resolve.ts';
import { type Habits, requiredAmong } from '../values/required.ts';
import type { ValueStats } from '../values/stats.ts';
import { type JsonSchema, schemaOf } from './json-schema.ts';
import type { ResolvedHost, ResolvedModel } from './resolved-model.ts';
import { schemeName, securitySchemes } from './security.ts';

type Json = { readonly [key: string]: unknown };

/** Methods that OpenAPI 3.1 knows. */
const known = new Set(['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']);

/**
 * An OpenAPI 3.1 description. With several hosts, each path says which it is of, and the paths that two of them have are told
 * apart by the host before them, for a description has each path once. The order is always the same.
 */
export function openapiOf({ hosts, habits }: ResolvedModel, title = 'Observed API'): Json {
  const seen = hosts.filter(({ apiPaths }) => apiPaths.length > 0);
  const paths = new Map<string, Json>();
  for (const { host, apiPaths } of seen)
    for (const apiPath of apiPaths) {
      const isTaken = seen.some(
        (other) =>
          other.host !== host &&
          other.apiPaths.some(({ template }) => bare(template) === bare(apiPath.template)),
      );
      const key = isTaken ? `/${host || 'unknown-host'}${apiPath.template}` : apiPath.template;
      const servers = seen.length > 1 && !isTaken ? { servers: [serverOf(host)] } : {};
      const item = { ...servers, ...pathItem(apiPath, habits) };
      if (Object.keys(item).some((name) => name !== 'servers')) paths.set(key, item);
    }
  const schemes = securitySchemes(operationsOf(seen));
  return {
    openapi: '3.1.0',
    info: {
      title,
      version: '0',
      description: 'Learned from traffic. A member is required where it was always there.',
    },
    ...(seen.length === 1 && seen[0]?.host ? { servers: [serverOf(seen[0].host)] } : {}),
    paths: Object.fromEntries([...paths].sort(([one], [other]) => (one < other ? -1 : 1))),
    ...(Object.keys(schemes).length > 0 ? { components: { securitySchemes: schemes } } : {}),
  };
}

const bare = (template: string): string => template.replaceAll(/\{[^}]*\}/g, '{}');

const serverOf = (host: string): Json => ({ url: host === '' ? '/' : `//${host}` });

function* operationsOf(hosts: readonly ResolvedHost[]): Iterable<Operation> {
  for (const { apiPaths } of hosts)
    for (const { operations } of apiPaths) yield* operations.values();
}

function pathItem({ parameters, operations }: ApiPath, habits: Habits): Json {
  return Object.fromEntries(
    [...operations]
      .filter(([method]) => known.has(method))
      .map(([method, operation]) => [
        method.toLowerCase(),
        operationObject(parameters, operation, habits),
      ]),
  );
}

function operationObject(
  path: readonly PathParameter[],
  operation: Operation,
  habits: Habits,
): Json {
  const parameters = [
    ...path.map(pathParameter),
    ...namedParameters('query', operation.query, operation.recorded, habits),
    ...namedParameters('header', operation.headers, operation.recorded, habits),
    ...[...operation.cookies].sort().map(([name, count]) => ({
      ...{ name, in: 'cookie', required: count >= operation.recorded },
      schema: { type: 'string' },
    })),
  ];
  const security = [...operation.auth.keys()].sort().map((kind) => ({ [schemeName(kind)]: [] }));
  const isAlways =
    [...operation.auth.values()].reduce((sum, count) => sum + count, 0) >= operation.recorded;
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation.bodies.size > 0 ? { requestBody: requestBody(operation, habits) } : {}),
    responses: responses(operation.responses, habits),
    ...(security.length > 0 ? { security: isAlways ? security : [...security, {}] } : {}),
    'x-sluice': {
      calls: operation.count,
      recorded: operation.recorded,
      firstSeen: isoTime(operation.firstSeen),
      lastSeen: isoTime(operation.lastSeen),
      latency: {
        p50: quantile(operation.latency, 0.5),
        p95: quantile(operation.latency, 0.95),
        max: operation.latency.max,
      },
    },
  };
}

/** A gateway writes times from year 1 on; ours are shown where a date can hold them. */
const isoTime = (millis: number): string | null =>
  Number.isFinite(millis) && Math.abs(millis) < 8.64e15 ? new Date(millis).toISOString() : null;

function pathParameter({ name, kinds }: PathParameter): Json {
  const [kind, ...others] = kinds.keys();
  return {
    name,
    in: 'path',
    required: true,
    schema: others.length > 0 ? text : schemaOfKind(kind),
  };
}

const text: JsonSchema = { type: 'string' };

function schemaOfKind(kind: string | undefined): JsonSchema {
  switch (kind) {
    case 'number':
      return { type: 'integer' };
    case 'uuid':
    case 'email':
      return { ...text, format: kind };
    default:
      return text;
  }
}

function namedParameters(
  place: string,
  names: ReadonlyMap<string, ValueStats>,
  recorded: number,
  habits: Habits,
): readonly Json[] {
  const required = requiredAmong(names, recorded, habits);
  return [...names]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, stats]) => ({
      ...{ name, in: place, required: required.has(name) },
      schema: schemaOf(stats, habits),
    }));
}

function requestBody({ bodies, recorded }: Operation, habits: Habits): Json {
  const count = [...bodies.values()].reduce((sum, body) => sum + body.count, 0);
  return { required: count >= recorded, content: content(bodies, habits) };
}

function content(bodies: ReadonlyMap<string, BodyStats>, habits: Habits): Json {
  return Object.fromEntries(
    [...bodies]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([type, body]) => [type || 'application/octet-stream', mediaType(body, habits)]),
  );
}

function mediaType({ value, files }: BodyStats, habits: Habits): Json {
  if (value.seen === 0) return {};
  const schema = schemaOf(value, habits);
  if (files.size === 0) return { schema };
  const properties = schema['properties'] as Record<string, JsonSchema>;
  const binary = [...files].map((name) => [name, { type: 'string', format: 'binary' }] as const);
  return { schema: { ...schema, properties: { ...properties, ...Object.fromEntries(binary) } } };
}

function responses(seen: ReadonlyMap<number, ResponseStats>, habits: Habits): Json {
  const byStatus = [...seen].filter(([status]) => status >= 100 && status <= 599);
  if (byStatus.length === 0) return { default: { description: 'No answer was seen.' } };
  return Object.fromEntries(
    byStatus
      .sort(([one], [other]) => one - other)
      .map(([status, response]) => [String(status), responseObject(status, response, habits)]),
  );
}

function responseObject(status: number, response: ResponseStats, habits: Habits): Json {
  const required = requiredAmong(response.headers, response.recorded, habits);
  const headers = [...response.headers]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, stats]) => [
      name,
      { ...(required.has(name) ? { required: true } : {}), schema: schemaOf(stats, habits) },
    ]);
  return {
    description: STATUS_CODES[status] ?? 'Unknown status',
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers) as Json } : {}),
    ...(response.bodies.size > 0 ? { content: content(response.bodies, habits) } : {}),
    'x-sluice': { calls: response.count },
  };
}

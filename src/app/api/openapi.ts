import { apiPrefix, type Endpoint, type Parameter } from './endpoint.ts';
import { problemSchema, problemType } from './problem.ts';
import type { Schema } from './schema.ts';

/** What any endpoint may answer instead, and when. */
const always: Readonly<Record<number, string>> = {
  400: 'The request is not what the endpoint takes.',
  401: 'Credentials are missing or not known.',
  403: 'The user may not do this; or, where no user is configured, the request comes from elsewhere than this machine.',
};

const away = 'Redis is away, refuses, or does not answer in time.';

/** The table as OpenAPI 3.1 has it: `docs/openapi.json`, and what the service itself says of its API. */
export function openApi(endpoints: readonly Endpoint[]): object {
  const named = new Map<string, object>();
  const paths: Record<string, Record<string, object>> = {};
  for (const endpoint of endpoints)
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operation(endpoint, named);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Admin API of Sluice',
      version: '1',
      description:
        'What Sluice is doing, and what can be done about it. Names are in snake_case, durations in seconds, times in UTC; a name keeps its meaning, and others may be added.',
    },
    servers: [{ url: apiPrefix }],
    security: [{ bearer: [] }, { basic: [] }, {}],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic' },
      },
      schemas: Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}

function operation(endpoint: Endpoint, named: Map<string, object>): object {
  const { id, tag, summary, description, role, answer, body, places, query, refusals, needsRedis } =
    endpoint;
  const statuses: Record<number, string> = {
    ...always,
    ...(body === undefined ? {} : { 413: 'The body is too large.', 415: 'The body is not JSON.' }),
    ...(needsRedis ? { 503: away } : {}),
    ...refusals,
  };
  const type = answer.isLines === true ? 'application/x-ndjson' : 'application/json';
  const lines =
    answer.isLines === true ? ' Each line is a document of its own, as the schema has it.' : '';
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: `${description === undefined ? '' : `${description} `}Role: ${role}.${lines}`,
    ...(places === undefined && query === undefined
      ? {}
      : { parameters: parametersOf(places ?? {}, query ?? {}, named) }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: referring(body, named) } },
          },
        }),
    responses: {
      200: {
        description: answer.description,
        content: { [type]: { schema: referring(answer.schema, named) } },
      },
      ...Object.fromEntries(
        Object.entries(statuses).map(([status, when]) => [
          status,
          {
            description: when,
            content: { [problemType]: { schema: referring(problemSchema, named) } },
          },
        ]),
      ),
    },
  };
}

const parametersOf = (
  places: Readonly<Record<string, string>>,
  query: Readonly<Record<string, Parameter>>,
  named: Map<string, object>,
): readonly object[] => [
  ...Object.entries(places).map(([name, description]) => ({
    ...{ name, in: 'path', required: true, description },
    schema: { type: 'string' },
  })),
  ...Object.entries(query).map(([name, { doc, schema, isList }]) => ({
    ...{ name, in: 'query', required: false, description: doc },
    schema: referring(isList === true ? { type: 'array', items: schema } : schema, named),
  })),
];

/** With what has a title put among the named schemas, and a reference in its place. */
function referring(schema: Schema, named: Map<string, object>): object {
  const { title, ...rest } = schema;
  if (title === undefined) return inner(rest, named);
  if (!named.has(title)) {
    named.set(title, {});
    named.set(title, inner(rest, named));
  }
  return { $ref: `#/components/schemas/${title}` };
}

function inner(schema: Schema, named: Map<string, object>): object {
  const { properties, items, additionalProperties, anyOf } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, each]) => [name, referring(each, named)]),
          ),
        }),
    ...(items === undefined ? {} : { items: referring(items, named) }),
    ...(typeof additionalProperties === 'object'
      ? { additionalProperties: referring(additionalProperties, named) }
      : {}),
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((each) => referring(each, named)) }),
  };
}

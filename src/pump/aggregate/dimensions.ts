import type { Reading } from './reading.ts';
import { none, noText } from './texts.ts';

/** Which records are folded: those of GraphQL, those of MCP, or all others. */
export type Variant = 'rest' | 'graph' | 'mcp';

/** One of the ways in which records are grouped: its names, wherever they are written. */
export interface Dimension {
  readonly sql: string;
  readonly bson: string;
  /** In what MDCB takes; undefined: it is not told. */
  readonly json: string | undefined;
}

/** A dimension, and what a record belongs to in it; all texts by their numbers. */
export interface DimensionRow extends Dimension {
  readonly variants: readonly Variant[];
  /** Nested ones: what the values stand below. */
  readonly outer: Read | undefined;
  /** The values a record belongs to: one, `none`, or several. */
  readonly values: Read | ReadMany;
  readonly identifier: Read | undefined;
  readonly human: Read | undefined;
  /** Errors of GraphQL count here, those of HTTP everywhere. */
  readonly countsGraphErrors: boolean;
}

type Read = (reading: Reading) => number;
type ReadMany = (reading: Reading) => readonly number[];

/** Of all records of an aggregate; it has one value. */
export const totalDimension = {
  sql: '',
  bson: 'total',
  json: 'Total',
} as const satisfies Dimension;

/** The value of that dimension, where it has to have one. */
export const totalValue = 'total';

const empty: Read = () => noText;
const filled = (number: number): number => (number === noText ? none : number);
const tracked =
  (read: Read): Read =>
  (reading) =>
    reading.isTracked ? filled(read(reading)) : none;

interface Meaning {
  readonly outer?: Read;
  /** Left out: the value itself. */
  readonly identifier?: Read;
  readonly human?: Read;
}

const row = (
  [sql, json]: readonly [string, string | undefined],
  values: Read,
  { outer, identifier, human }: Meaning = {},
  variants: readonly Variant[] = ['rest', 'graph', 'mcp'],
): DimensionRow => ({
  ...{ sql, bson: sql, json, variants, values, outer, identifier, human },
  countsGraphErrors: false,
});

const many = (
  [sql, json]: readonly [string, string | undefined],
  values: ReadMany,
  variants: readonly Variant[] = ['rest', 'graph', 'mcp'],
): DimensionRow => ({
  ...{ sql, bson: sql, json, variants, values },
  ...{ outer: undefined, identifier: undefined, human: undefined },
  countsGraphErrors: variants.includes('graph') && variants.length === 1,
});

/** The table of dimensions (tyk-pump.md, "Aggregates"), in the order in which the reference writes them. */
// biome-ignore format: a table
export const dimensionRows: readonly DimensionRow[] = [
  //   SQL, BSON          JSON              value                                     identifier, human identifier
  row(['apiid',           'APIID'],         (r) => filled(r.apiId),                   { human: (r) => r.apiName }),
  row(['errors',          'Errors'],        (r) => r.errorCode,                       { human: empty }),
  row(['versions',        'Versions'],      (r) => r.versionHash,                     { identifier: (r) => r.apiVersion, human: (r) => r.apiVersion }),
  row(['apikeys',         'APIKeys'],       (r) => filled(r.apiKey),                  { human: (r) => r.alias }),
  row(['oauthids',        'OauthIDs'],      (r) => filled(r.oauthId),                 { human: empty }),
  row(['geo',             'Geo'],           (r) => filled(r.country)),
  many(['tags',           'Tags'],          (r) => r.tags),
  row(['endpoints',       'Endpoints'],     tracked((r) => r.pathKey),                { identifier: (r) => r.path, human: (r) => r.path }),
  row(['keyendpoints',    'KeyEndpoint'],   tracked((r) => r.pathHash),               { outer: (r) => r.apiKey }),
  row(['oauthendpoints',  'OauthEndpoint'], tracked((r) => r.pathHash),               { outer: (r) => r.oauthId }),
  row(['apiendpoints',    'ApiEndpoint'],   tracked((r) => r.versionedPath),          { human: (r) => r.path }),
  many(['types',          undefined],       (r) => r.graphTypes,                      ['graph']),
  many(['fields',         undefined],       (r) => r.graphFields,                     ['graph']),
  { ...row(['operation',  undefined],       (r) => r.operation,                       {}, ['graph']), countsGraphErrors: true },
  many(['rootfields',     undefined],       (r) => r.rootFields,                      ['graph']),
  row(['methods',         'Methods'],       (r) => filled(r.mcpMethod),               {}, ['mcp']),
  row(['primitives',      'Primitives'],    (r) => filled(r.mcpPrimitive),            {}, ['mcp']),
  row(['names',           'Names'],         (r) => filled(r.mcpName),                 { human: (r) => r.mcpBareName }, ['mcp']),
];

/** The first one. */
export const apiDimension = 'apiid';

/** Their names in SQL. */
export const dimensionNames: readonly string[] = dimensionRows.map(({ sql }) => sql);

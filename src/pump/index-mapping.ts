import type { Shape, ShapeEntry, ShapeValue } from '../record/shape.ts';

/**
 * What Elasticsearch and OpenSearch are to make of the fields of a document: types that every version since 5 has. Made from
 * the document itself, so that a field that is added or renamed has its type under the name that it is sent with.
 */
export type Properties = Readonly<Record<string, Property>>;

export interface Property {
  readonly type?: string;
  readonly properties?: Properties;
  readonly [setting: string]: unknown;
}

const keyword: Property = { type: 'keyword', ignore_above: 1_024 };
/** Paths can be long; above 32,766 bytes the server would refuse the whole document. */
const longKeyword: Property = { type: 'keyword', ignore_above: 8_191 };
/** In the document, and not searched: whatever is in there makes no field. */
const opaque: Property = { type: 'object', enabled: false };
/** Base64 and the like: not worth searching. */
const stored: Property = { type: 'keyword', index: false, doc_values: false };

/** Texts that are no short names. */
const texts: Readonly<Record<string, Property>> = {
  // An address that is none, such as an empty one, is kept in the document and not indexed.
  ip_address: { type: 'ip', ignore_malformed: true },
  path: longKeyword,
  raw_path: longKeyword,
  original_path: longKeyword,
  listen_path: longKeyword,
  path_template: longKeyword,
  user_agent: longKeyword,
  'mcp_stats.primitive_name': longKeyword,
  raw_request: stored,
  raw_response: stored,
  api_schema: stored,
  'graphql_stats.Variables': stored,
};

/** The fields of documents of this shape. */
export const indexProperties = (document: Shape): Properties =>
  Object.fromEntries(document.map(({ key, value }) => [key, propertyOf(value)]));

function propertyOf(value: ShapeValue): Property {
  switch (value.form) {
    case 'text':
    case 'derived':
      return texts[value.field] ?? keyword;
    case 'base64':
      return { type: 'text', norms: false };
    case 'integer':
      return value.field === 'response_code'
        ? { type: 'integer', ignore_malformed: true }
        : { type: 'long' };
    case 'float':
      return { type: 'double' };
    case 'flag':
      return { type: 'boolean' };
    case 'time':
      // A data stream wants its time to be one, and the sink sends none that is not.
      return value.field === 'timestamp'
        ? { type: 'date' }
        : { type: 'date', ignore_malformed: true };
    case 'list':
    case 'constant':
      return keyword;
    case 'city-names':
      // By language, which anybody may invent.
      return { type: 'object', dynamic: false, properties: { en: keyword } };
    case 'json':
    case 'graph-types':
    case 'graph-errors':
      return opaque;
    case 'object':
      return isPoint(value.entries)
        ? { type: 'geo_point', ignore_malformed: true }
        : { properties: indexProperties(value.entries) };
  }
  return value satisfies never;
}

/** An object that these servers read as a point: `lat` and `lon` of a place, and nothing else. */
function isPoint(entries: Shape): boolean {
  const is = (key: string, field: string): boolean =>
    entries.some((entry) => entry.key === key && isOf(entry, field));
  return (
    entries.length === 2 &&
    is('lat', 'geo.location.latitude') &&
    is('lon', 'geo.location.longitude')
  );
}

const isOf = ({ value }: ShapeEntry, field: string): boolean =>
  value.form === 'float' && value.field === field;

import { fullShape, type Shape, type ShapeValue } from '#pump';

/** A column, and what of the record stands in it. */
export interface Column {
  readonly name: string;
  /** As servers since 2020 have it, and as those before. */
  readonly type: string;
  readonly oldType: string;
  /** `plain`: its JSON as it is. Others: encode.ts. */
  readonly kind: 'plain' | 'time' | 'list' | 'json' | 'id';
  readonly value: ShapeValue;
}

/** Few values in many rows. */
const repeated: ReadonlySet<string> = new Set([
  ...['method', 'host', 'api_version', 'api_name', 'api_id', 'org_id', 'geo_country_iso_code'],
  ...['geo_location_time_zone', 'mcp_stats_jsonrpc_method', 'mcp_stats_primitive_type'],
]);

/** The document that a record is: every field. */
export const documentShape: Shape = fullShape;

const recordId: Column = {
  ...{ name: 'record_id', type: 'String', oldType: 'String', kind: 'id' },
  value: { form: 'constant', json: '""' },
};

/** The record's id and what the document holds: that of objects with the object's name before an underscore. */
export const columnsFor = (document: Shape): readonly Column[] => [
  recordId,
  ...columnsOf(document, ''),
];

function columnsOf(shape: Shape, before: string): readonly Column[] {
  return shape.flatMap(({ key, value }) => {
    const name = before + key;
    return value.form === 'object'
      ? columnsOf(value.entries, `${name}_`)
      : [{ name, value, ...typeOf(name, value) }];
  });
}

function typeOf(name: string, { form }: ShapeValue): Pick<Column, 'type' | 'oldType' | 'kind'> {
  const same = (type: string, kind: Column['kind'] = 'plain') => ({ type, oldType: type, kind });
  switch (form) {
    case 'integer':
      return same('Int64');
    case 'float':
      return same('Float64');
    case 'flag':
      return same('UInt8');
    case 'time':
      return { type: "DateTime64(3, 'UTC')", oldType: "DateTime('UTC')", kind: 'time' };
    case 'list':
      return same('Array(String)', 'list');
    case 'city-names':
    case 'graph-types':
    case 'graph-errors':
      return same('String', 'json');
    default:
      return {
        type: repeated.has(name) ? 'LowCardinality(String)' : 'String',
        oldType: 'String',
        kind: 'plain',
      };
  }
}

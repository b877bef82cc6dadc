/** What Kibana and OpenSearch Dashboards would ask a server for our objects, from the objects themselves. */
import { textIn } from '../../operate/kibana/mark.ts';
import { memberOf } from '../../operate/kibana/server.ts';

type Json = Readonly<Record<string, unknown>>;

/** A line of an NDJSON file. */
export interface FileObject {
  readonly id: string;
  readonly type: string;
  readonly attributes: Json;
  readonly references: readonly {
    readonly name: string;
    readonly type: string;
    readonly id: string;
  }[];
}

export interface PanelQuery {
  readonly id: string;
  readonly body: { readonly size: 0; readonly query: object; readonly aggs: object };
  /** How deep the groups go, and what is measured in the finest. */
  readonly depth: number;
  readonly metrics: readonly string[];
}

/** Undefined: the object asks for no aggregation. */
export function panelQuery(object: FileObject): PanelQuery | undefined {
  switch (object.type) {
    case 'lens':
      return lensQuery(object);
    case 'visualization':
      return classicQuery(object);
    case 'map':
      return mapQuery(object);
    default:
      return undefined;
  }
}

/** The query of a saved search with its order. */
export function searchBody({ attributes }: FileObject): object {
  const source = parsed(memberOf(attributes, 'kibanaSavedObjectMeta', 'searchSourceJSON'));
  const sort = (attributes['sort'] as readonly (readonly [string, string])[]).map(
    ([field, order]) => ({ [field]: order }),
  );
  return { size: 1, query: kql(String(memberOf(source, 'query', 'query'))), sort };
}

const parsed = (text: unknown): Json => JSON.parse(String(text)) as Json;

interface Level {
  readonly kind: 'group' | 'metric';
  readonly name: string;
  readonly agg: object;
}

function nested(id: string, query: object, levels: readonly Level[]): PanelQuery {
  const groups = levels.filter(({ kind }) => kind === 'group');
  const metrics = levels.filter(({ kind }) => kind === 'metric');
  let aggs: Json = Object.fromEntries(metrics.map(({ name, agg }) => [name, agg]));
  for (const { name, agg } of groups.toReversed()) aggs = { [name]: { ...agg, aggs } };
  const names = metrics.map(({ name }) => name);
  return { id, body: { size: 0, query, aggs }, depth: groups.length, metrics: names };
}

function lensQuery({ id, attributes }: FileObject): PanelQuery {
  const layers = memberOf(
    attributes,
    'state',
    'datasourceStates',
    'indexpattern',
    'layers',
  ) as Json;
  const [layer] = Object.values(layers);
  const columns = memberOf(layer, 'columns') as Readonly<Record<string, Json>>;
  const order = memberOf(layer, 'columnOrder') as readonly string[];
  const levels = order.flatMap((name) => lensLevel(name, columns[name] ?? {}));
  return nested(id, kql(String(memberOf(attributes, 'state', 'query', 'query'))), levels);
}

function lensLevel(name: string, column: Json): readonly Level[] {
  const field = column['sourceField'];
  const group = (agg: object): readonly Level[] => [{ kind: 'group', name, agg }];
  const metric = (agg: object): readonly Level[] => [{ kind: 'metric', name, agg }];
  switch (column['operationType']) {
    case 'date_histogram':
      return group({ date_histogram: { field, fixed_interval: '1h', min_doc_count: 1 } });
    case 'terms':
      return group({ terms: { field, size: memberOf(column, 'params', 'size') } });
    case 'filters':
      return group({ filters: filtersOf(memberOf(column, 'params', 'filters')) });
    case 'count':
      return metric({ filter: kql(textIn(column, ['filter', 'query']) ?? '') });
    case 'percentile':
      return metric({
        percentiles: { field, percents: [memberOf(column, 'params', 'percentile')] },
      });
    case 'average':
      return metric({ avg: { field } });
    case 'unique_count':
      return metric({ cardinality: { field } });
    case 'last_value': {
      const sort = [{ [String(memberOf(column, 'params', 'sortField'))]: 'desc' }];
      return metric({ top_hits: { size: 1, docvalue_fields: [field], _source: false, sort } });
    }
    // Made of others.
    case 'formula':
    case 'math':
      return [];
    default:
      throw new Error(`No query for ${String(column['operationType'])}.`);
  }
}

function classicQuery({ id, attributes }: FileObject): PanelQuery {
  const { aggs } = parsed(attributes['visState']) as { readonly aggs: readonly Json[] };
  const source = parsed(memberOf(attributes, 'kibanaSavedObjectMeta', 'searchSourceJSON'));
  const levels = aggs.map((each): Level => {
    const params = each['params'] as Json;
    const kind = each['schema'] === 'metric' ? 'metric' : 'group';
    return {
      kind,
      name: String(each['id']),
      agg: classicAggregation(String(each['type']), params),
    };
  });
  return nested(id, kql(String(memberOf(source, 'query', 'query'))), levels);
}

function classicAggregation(type: string, params: Json): object {
  const { field } = params;
  switch (type) {
    case 'count':
      return { filter: { match_all: {} } };
    case 'date_histogram':
      return { date_histogram: { field, fixed_interval: '1h', min_doc_count: 1 } };
    case 'terms':
      return { terms: { field, size: params['size'] } };
    case 'filters':
      return { filters: filtersOf(params['filters']) };
    case 'percentiles':
      return { percentiles: { field, percents: params['percents'] } };
    case 'geohash_grid':
      return { geohash_grid: { field, precision: params['precision'] } };
    case 'avg':
    case 'cardinality':
    case 'max':
      return { [type]: { field } };
    default:
      throw new Error(`No query for ${type}.`);
  }
}

function mapQuery({ id, attributes }: FileObject): PanelQuery {
  const layers = JSON.parse(String(attributes['layerListJSON'])) as readonly Json[];
  const source = layers
    .map((layer) => layer['sourceDescriptor'])
    .find((each) => memberOf(each, 'type') === 'ES_GEO_GRID');
  const field = memberOf(source, 'geoField');
  return nested(id, { match_all: {} }, [
    { kind: 'group', name: 'grid', agg: { geotile_grid: { field, precision: 4 } } },
  ]);
}

const filtersOf = (filters: unknown): object => ({
  filters: Object.fromEntries(
    (filters as readonly Json[]).map((filter) => [
      String(filter['label']),
      kql(String(memberOf(filter, 'input', 'query'))),
    ]),
  ),
});

const operators = { '>=': 'gte', '>': 'gt', '<=': 'lte', '<': 'lt' } as const;

/** As much of Kibana's query language as our objects use; anything else is an error. */
function kql(text: string): object {
  if (text === '') return { match_all: {} };
  const parts = text.split(/ and (?![^(]*\))/);
  if (parts.length > 1) return { bool: { filter: parts.map(kql) } };
  const [, negated] = /^not (.+)$/.exec(text) ?? [];
  if (negated !== undefined)
    return { bool: { must_not: [kql(negated.replace(/^\((.*)\)$/, '$1'))] } };
  const [, field = '', operator, value = ''] =
    /^([@\w.]+) ?(>=|<=|<|>|:) ?(\*|-?\d+|"[^"]*")$/.exec(text) ?? [];
  if (operator === undefined) throw new Error(`No query of ours: ${text}`);
  if (operator !== ':')
    return { range: { [field]: { [operators[operator as '<']]: Number(value) } } };
  return value === '*' ? { exists: { field } } : { match_phrase: { [field]: value.slice(1, -1) } };
}

/** The fields that an object asks for, each with the ways in which it is used. */
export function usedFields(object: FileObject): readonly string[] {
  const found = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if ((key === 'field' || key === 'docvalue_fields') && inner !== undefined)
        found.add(String(inner));
      if (['range', 'exists', 'match_phrase'].includes(key))
        for (const name of key === 'exists' ? [] : Object.keys(inner as object)) found.add(name);
      walk(inner);
    }
  };
  if (object.type === 'search') {
    walk(searchBody(object));
    for (const name of object.attributes['columns'] as readonly string[]) found.add(name);
    for (const [name] of object.attributes['sort'] as readonly (readonly [string])[])
      found.add(name);
  } else walk(panelQuery(object)?.body);
  if (object.type === 'index-pattern') found.add(String(object.attributes['timeFieldName']));
  return [...found];
}

/**
 * What Kibana and OpenSearch Dashboards take of the types that we make: our own words for what their public sources say of the
 * attributes (elastic/kibana: the schemas of dashboards of version 1 and of searches before their tabs, both of which know no other
 * attribute; the Lens state of 7.16; the maps of 7.14. OpenSearch-Dashboards: the mappings of its index, which are strict).
 */
const text = { type: 'string', minLength: 1 } as const;
const anyText = { type: 'string' } as const;
const only = (properties: object, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
const source = only({ searchSourceJSON: text });

const search = only({
  title: text,
  description: text,
  hits: { const: 0 },
  columns: { type: 'array', items: text, minItems: 1 },
  sort: { type: 'array', items: { type: 'array', items: text, minItems: 2, maxItems: 2 } },
  version: { const: 1 },
  kibanaSavedObjectMeta: source,
});

const dashboard = only({
  title: text,
  description: text,
  panelsJSON: text,
  optionsJSON: text,
  version: { const: 1 },
  timeRestore: { type: 'boolean' },
  timeFrom: text,
  timeTo: text,
  refreshInterval: only({ pause: { type: 'boolean' }, value: { type: 'number' } }),
  kibanaSavedObjectMeta: source,
});

const dataView = {
  title: text,
  timeFieldName: { const: '@timestamp' },
  fields: { const: '[]' },
  fieldFormatMap: text,
};

const query = only({ query: anyText, language: { const: 'kuery' } });

const column = {
  type: 'object',
  properties: {
    label: text,
    customLabel: { const: true },
    dataType: { enum: ['date', 'string', 'number', 'ip'] },
    isBucketed: { type: 'boolean' },
    scale: { enum: ['ordinal', 'interval', 'ratio'] },
    operationType: {
      enum: [
        ...['date_histogram', 'terms', 'filters', 'count', 'percentile', 'average'],
        ...['unique_count', 'last_value', 'formula', 'math'],
      ],
    },
    sourceField: text,
    filter: query,
    params: { type: 'object' },
    references: { type: 'array', items: text, minItems: 1 },
  },
  required: ['label', 'dataType', 'isBucketed', 'operationType'],
  additionalProperties: false,
  allOf: [
    // Only these are made of others, or of queries; all others of a field.
    {
      if: { properties: { operationType: { enum: ['formula', 'math'] } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { required: ['references', 'params'], not: { required: ['sourceField'] } },
      else: {
        if: { properties: { operationType: { const: 'filters' } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { required: ['params'] },
        else: { required: ['sourceField'] },
      },
    },
  ],
};

const layer = only({
  columnOrder: { type: 'array', items: text, minItems: 1, uniqueItems: true },
  columns: { type: 'object', additionalProperties: column, minProperties: 1 },
  incompleteColumns: { const: {} },
});

const lens = only({
  title: text,
  description: text,
  visualizationType: { enum: ['lnsMetric', 'lnsXY', 'lnsDatatable', 'lnsPie'] },
  state: only({
    datasourceStates: only({
      indexpattern: only({
        layers: { type: 'object', additionalProperties: layer, minProperties: 1, maxProperties: 1 },
      }),
    }),
    visualization: { type: 'object' },
    query,
    filters: { const: [] },
  }),
});

const map = only({
  title: text,
  description: text,
  mapStateJSON: text,
  layerListJSON: text,
  uiStateJSON: text,
});

const visualization = only({
  title: text,
  description: text,
  visState: text,
  uiStateJSON: { const: '{}' },
  version: { const: 1 },
  kibanaSavedObjectMeta: source,
});

const object = (attributes: object, marks: object): object =>
  only({
    id: { type: 'string', pattern: '^sluice-[a-z0-9-]+$' },
    type: text,
    attributes,
    references: { type: 'array', items: only({ name: text, type: text, id: text }) },
    ...marks,
  });

const migration = (type: string, version: string): object => ({
  migrationVersion: only({ [type]: { const: version } }),
});
const core = { coreMigrationVersion: { const: '7.17.0' } };

/** By product and type, each with the version that its attributes are of. */
export const schemas: Readonly<
  Record<'kibana' | 'opensearch-dashboards', Readonly<Record<string, object>>>
> = {
  kibana: {
    'index-pattern': object(
      only({ ...dataView, name: text, fieldAttrs: text, runtimeFieldMap: text, typeMeta: text }),
      { ...migration('index-pattern', '7.11.0'), ...core },
    ),
    search: object(search, { ...migration('search', '7.9.3'), ...core }),
    lens: object(lens, { ...migration('lens', '7.16.0'), ...core }),
    map: object(map, { ...migration('map', '7.14.0'), ...core }),
    dashboard: object(dashboard, { ...migration('dashboard', '7.14.0'), ...core }),
  },
  'opensearch-dashboards': {
    'index-pattern': object(only(dataView), migration('index-pattern', '7.6.0')),
    search: object(search, migration('search', '7.9.3')),
    visualization: object(visualization, migration('visualization', '7.10.0')),
    dashboard: object(dashboard, migration('dashboard', '7.9.3')),
  },
};

import type { DocumentFields } from './document-fields.ts';
import { idOf, nameOf, type ObjectsOptions, queryOf, titleOf } from './naming.ts';
import type { Group, Metric, Panel } from './panels.ts';
import type { SavedObject } from './saved-object.ts';

type Column = Readonly<Record<string, unknown>>;

/** A panel as a visualisation of Kibana’s Lens, in the form of 7.16 (saved-object.ts). */
export function lensOf(panel: Panel, options: ObjectsOptions): SavedObject {
  const { fields } = options;
  const layer = `${panel.id}-layer`;
  const indexPattern = idOf(options, 'calls');
  const groups = panel.groups.map(
    (group, at) => [`group${at}`, groupColumn(group, fields)] as const,
  );
  const metrics = panel.metrics.flatMap((metric, at) =>
    metricColumns(`metric${at}`, metric, fields),
  );
  const columns = Object.fromEntries([...groups, ...metrics]);
  return {
    id: idOf(options, panel.id),
    type: 'lens',
    attributes: {
      title: titleOf(options, panel.title),
      description: panel.description,
      visualizationType: kinds[panel.chart as keyof typeof kinds],
      state: {
        datasourceStates: {
          indexpattern: {
            layers: {
              [layer]: { columnOrder: Object.keys(columns), columns, incompleteColumns: {} },
            },
          },
        },
        visualization: visualization(panel, layer),
        query: { query: queryOf(fields, panel.query), language: 'kuery' },
        filters: [],
      },
    },
    references: ['current-indexpattern', `layer-${layer}`].map((name) => ({
      name: `indexpattern-datasource-${name}`,
      type: 'index-pattern' as const,
      id: indexPattern,
    })),
  };
}

const kinds = {
  number: 'lnsMetric',
  bars: 'lnsXY',
  lines: 'lnsXY',
  table: 'lnsDatatable',
  ring: 'lnsPie',
} as const;

function groupColumn(group: Group, fields: DocumentFields): Column {
  switch (group.by) {
    case 'time':
      return {
        label: 'Time',
        customLabel: true,
        dataType: 'date',
        operationType: 'date_histogram',
        sourceField: nameOf(fields, 'timestamp'),
        isBucketed: true,
        scale: 'interval',
        params: { interval: 'auto' },
      };
    case 'field': {
      const { name, type } = fields.of(group.field) ?? { name: group.field, type: 'keyword' };
      const isNumber = type !== 'keyword' && type !== 'ip';
      return {
        label: group.label,
        customLabel: true,
        dataType: isNumber ? 'number' : type === 'ip' ? 'ip' : 'string',
        operationType: 'terms',
        sourceField: name,
        isBucketed: true,
        scale: 'ordinal',
        params: {
          size: group.size,
          orderBy: { type: 'column', columnId: 'metric0' },
          orderDirection: 'desc',
          otherBucket: false,
          missingBucket: false,
        },
      };
    }
    case 'filters':
      return {
        label: 'Status',
        customLabel: true,
        dataType: 'string',
        operationType: 'filters',
        isBucketed: true,
        scale: 'ordinal',
        params: {
          filters: group.filters.map(({ label, query }) => ({
            label,
            input: { query: queryOf(fields, query), language: 'kuery' },
          })),
        },
      };
    case 'place':
      throw new Error('A place belongs on a map.');
  }
  return group satisfies never;
}

/** All documents, as the form of 7.16 calls them. */
const records = 'Records';

/** A metric is one column, and a part of the calls is a formula over others. */
function metricColumns(
  id: string,
  metric: Metric,
  fields: DocumentFields,
): readonly (readonly [string, Column])[] {
  const common = { label: metric.label, customLabel: true, isBucketed: false, scale: 'ratio' };
  const format =
    metric.unit === 'bytes' ? { format: { id: 'bytes', params: { decimals: 1 } } } : {};
  const count = { ...common, dataType: 'number', operationType: 'count', sourceField: records };
  switch (metric.of) {
    case 'count': {
      const { query } = metric;
      return [[id, query === undefined ? count : { ...count, filter: kuery(fields, query) }]];
    }
    case 'share':
      return shareColumns(id, metric, fields);
    case 'percentile': {
      const { percentile } = metric;
      const number = { dataType: 'number', operationType: 'percentile' };
      const sourceField = nameOf(fields, metric.field);
      const params = { percentile, ...(metric.unit ? format : whole) };
      return [[id, { ...common, ...number, sourceField, params }]];
    }
    case 'average':
    case 'distinct': {
      const operationType = metric.of === 'average' ? 'average' : 'unique_count';
      const sourceField = nameOf(fields, metric.field);
      return [[id, { ...common, dataType: 'number', operationType, sourceField, params: format }]];
    }
    case 'latest': {
      const sourceField = nameOf(fields, metric.field);
      const params = { sortField: nameOf(fields, 'timestamp') };
      const date = { dataType: 'date', operationType: 'last_value', scale: 'interval' };
      // Only among documents that have it.
      const filter = { query: `${sourceField}: *`, language: 'kuery' };
      return [[id, { ...common, ...date, sourceField, params, filter }]];
    }
  }
  return metric satisfies never;
}

const whole = { format: { id: 'number', params: { decimals: 0 } } };

const kuery = (fields: DocumentFields, query: string) => ({
  query: queryOf(fields, query),
  language: 'kuery',
});

/** As Lens itself writes the formula: what is counted, what of it, and the division of the two. */
function shareColumns(
  id: string,
  { label, query }: Extract<Metric, { of: 'share' }>,
  fields: DocumentFields,
): readonly (readonly [string, Column])[] {
  const formula = `count(kql='${queryOf(fields, query)}') / count()`;
  const part = {
    label: `Part of ${formula}`,
    customLabel: true,
    dataType: 'number',
    isBucketed: false,
    scale: 'ratio',
  };
  const count = { ...part, operationType: 'count', sourceField: records };
  const [some, all, ratio] = [`${id}X0`, `${id}X1`, `${id}X2`];
  const tinymathAst = {
    type: 'function',
    name: 'divide',
    args: [some, all],
    location: { min: 0, max: formula.length },
    text: formula,
  };
  return [
    [
      id,
      {
        ...part,
        label,
        operationType: 'formula',
        params: {
          formula,
          isFormulaBroken: false,
          format: { id: 'percent', params: { decimals: 1 } },
        },
        references: [ratio],
      },
    ],
    [some, { ...count, filter: kuery(fields, query) }],
    [all, count],
    [ratio, { ...part, operationType: 'math', params: { tinymathAst }, references: [some, all] }],
  ];
}

/** How the columns are drawn. */
function visualization({ chart, groups, metrics }: Panel, layerId: string): object {
  const layer = { layerId, layerType: 'data' };
  const shown = metrics.map((_, at) => `metric${at}`);
  switch (chart) {
    case 'number':
      return { ...layer, accessor: shown[0] };
    case 'table': {
      const columns = [...groups.map((_, at) => `group${at}`), ...shown];
      return { ...layer, columns: columns.map((columnId) => ({ columnId })) };
    }
    case 'ring':
      return {
        shape: 'donut',
        layers: [
          {
            ...layer,
            groups: ['group0'],
            metric: shown[0],
            numberDisplay: 'percent',
            categoryDisplay: 'default',
            legendDisplay: 'default',
            nestedLegend: false,
          },
        ],
      };
    default: {
      const seriesType = chart === 'bars' ? 'bar_stacked' : 'line';
      const x = groups.findIndex(({ by }) => by === 'time');
      const split = groups.findIndex(({ by }) => by !== 'time');
      return {
        legend: { isVisible: true, position: 'bottom', showSingleSeries: true },
        valueLabels: 'hide',
        fittingFunction: 'None',
        preferredSeriesType: seriesType,
        axisTitlesVisibilitySettings: { x: false, yLeft: false, yRight: false },
        layers: [
          {
            ...layer,
            seriesType,
            xAccessor: `group${x}`,
            accessors: shown,
            ...(split < 0 ? {} : { splitAccessor: `group${split}` }),
          },
        ],
      };
    }
  }
}

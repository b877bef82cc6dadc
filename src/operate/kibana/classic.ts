import type { DocumentFields } from './document-fields.ts';
import { idOf, nameOf, type ObjectsOptions, queryOf, titleOf } from './naming.ts';
import type { Chart, Group, Metric, Panel } from './panels.ts';
import type { SavedObject } from './saved-object.ts';

interface Aggregation {
  readonly id: string;
  readonly enabled: true;
  readonly type: string;
  readonly schema: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * A panel as a visualisation of OpenSearch Dashboards. These count no part of a table’s rows, so such columns are left out; a
 * part of all calls is drawn as parts of a hundred.
 */
export function classicOf(panel: Panel, options: ObjectsOptions): SavedObject {
  const { fields } = options;
  const title = titleOf(options, panel.title);
  const { chart, groups, metrics } = asDrawn(panel);
  const drawn = metrics.filter((metric) => !(metric.of === 'count' && metric.query !== undefined));
  const counted = drawn.map((metric, at) => metricAggregation(`${at + 1}`, metric, fields));
  const grouped = groups.map((group, at) =>
    groupAggregation(`${counted.length + at + 1}`, group, { fields, chart }),
  );
  return {
    id: idOf(options, panel.id),
    type: 'visualization',
    attributes: {
      title,
      description: panel.description,
      visState: JSON.stringify({
        title,
        type: kinds[chart],
        aggs: [...counted, ...grouped],
        params: params(chart, counted, { isShare: panel.metrics[0].of === 'share' }),
      }),
      uiStateJSON: '{}',
      version: 1,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({
          query: { query: queryOf(fields, panel.query), language: 'kuery' },
          filter: [],
          indexRefName: 'kibanaSavedObjectMeta.searchSourceJSON.index',
        }),
      },
    },
    references: [
      {
        name: 'kibanaSavedObjectMeta.searchSourceJSON.index',
        type: 'index-pattern',
        id: idOf(options, 'calls'),
      },
    ],
  };
}

/** A part of the calls: theirs and the others', one above the other. */
function asDrawn({ chart, groups, metrics }: Panel): Pick<Panel, 'chart' | 'groups'> & {
  readonly metrics: readonly Metric[];
} {
  const [first] = metrics;
  if (first.of !== 'share') return { chart, groups, metrics };
  const { label, query } = first;
  const filters = [
    { label, query },
    { label: 'Others', query: `not (${query})` },
  ];
  return {
    chart: 'bars',
    groups: [...groups, { by: 'filters', filters }],
    metrics: [{ of: 'count', label: 'Calls' }],
  };
}

const kinds: Readonly<Record<Chart, string>> = {
  number: 'metric',
  bars: 'histogram',
  lines: 'line',
  table: 'table',
  ring: 'pie',
  map: 'tile_map',
};

function metricAggregation(id: string, metric: Metric, fields: DocumentFields): Aggregation {
  const customLabel = metric.label;
  const schema = 'metric';
  const common = { id, enabled: true, schema } as const;
  if (metric.of === 'count' || metric.of === 'share')
    return { ...common, type: 'count', params: { customLabel } };
  const field = nameOf(fields, metric.field);
  switch (metric.of) {
    case 'percentile':
      return {
        ...common,
        type: 'percentiles',
        params: { field, percents: [metric.percentile], customLabel },
      };
    case 'average':
      return { ...common, type: 'avg', params: { field, customLabel } };
    case 'distinct':
      return { ...common, type: 'cardinality', params: { field, customLabel } };
    case 'latest':
      return { ...common, type: 'max', params: { field, customLabel } };
  }
  return metric satisfies never;
}

function groupAggregation(
  id: string,
  group: Group,
  { fields, chart }: { readonly fields: DocumentFields; readonly chart: Chart },
): Aggregation {
  const common = { id, enabled: true } as const;
  switch (group.by) {
    case 'time':
      return {
        ...common,
        type: 'date_histogram',
        schema: 'segment',
        params: {
          field: nameOf(fields, 'timestamp'),
          useNormalizedOpenSearchInterval: true,
          scaleMetricValues: false,
          interval: 'auto',
          drop_partials: false,
          min_doc_count: 1,
          extended_bounds: {},
        },
      };
    case 'field':
      return {
        ...common,
        type: 'terms',
        schema: chart === 'table' ? 'bucket' : 'segment',
        params: {
          field: nameOf(fields, group.field),
          customLabel: group.label,
          orderBy: '1',
          order: 'desc',
          size: group.size,
          otherBucket: false,
          otherBucketLabel: 'Other',
          missingBucket: false,
          missingBucketLabel: 'Missing',
        },
      };
    case 'filters':
      return {
        ...common,
        type: 'filters',
        schema: 'group',
        params: {
          filters: group.filters.map(({ label, query }) => ({
            label,
            input: { query: queryOf(fields, query), language: 'kuery' },
          })),
        },
      };
    case 'place':
      return {
        ...common,
        type: 'geohash_grid',
        schema: 'segment',
        params: {
          field: nameOf(fields, group.field),
          autoPrecision: true,
          precision: 2,
          useGeocentroid: true,
          isFilteredByCollar: true,
        },
      };
  }
  return group satisfies never;
}

/** How a kind of visualisation draws it. */
function params(
  chart: Chart,
  counted: readonly Aggregation[],
  { isShare }: { readonly isShare: boolean },
): object {
  switch (chart) {
    case 'number':
      return {
        addTooltip: true,
        addLegend: false,
        type: 'metric',
        metric: {
          percentageMode: false,
          useRanges: false,
          colorSchema: 'Green to Red',
          metricColorMode: 'None',
          colorsRange: [{ from: 0, to: 10_000 }],
          labels: { show: true },
          invertColors: false,
          style: { bgFill: '#000', bgColor: false, labelColor: false, subText: '', fontSize: 40 },
        },
      };
    case 'table':
      return {
        perPage: 20,
        showPartialRows: false,
        showMetricsAtAllLevels: false,
        sort: { columnIndex: null, direction: null },
        showTotal: false,
        totalFunc: 'sum',
        percentageCol: '',
      };
    case 'ring':
      return {
        type: 'pie',
        addTooltip: true,
        addLegend: true,
        legendPosition: 'right',
        isDonut: true,
        labels: { show: true, values: true, last_level: true, truncate: 100 },
      };
    case 'map':
      return {
        colorSchema: 'Yellow to Red',
        mapType: 'Scaled Circle Markers',
        isDesaturated: true,
        addTooltip: true,
        heatClusterSize: 1.5,
        legendPosition: 'bottomright',
        mapZoom: 2,
        mapCenter: [0, 0],
        wms: { enabled: false, options: { format: 'image/png', transparent: true } },
      };
    default:
      return axes(chart, counted, isShare);
  }
}

function axes(chart: Chart, counted: readonly Aggregation[], isShare: boolean): object {
  const type = chart === 'bars' ? 'histogram' : 'line';
  return {
    type,
    grid: { categoryLines: false },
    categoryAxes: [
      {
        id: 'CategoryAxis-1',
        type: 'category',
        position: 'bottom',
        show: true,
        style: {},
        scale: { type: 'linear' },
        labels: { show: true, filter: true, truncate: 100 },
        title: {},
      },
    ],
    valueAxes: [
      {
        id: 'ValueAxis-1',
        name: 'LeftAxis-1',
        type: 'value',
        position: 'left',
        show: true,
        style: {},
        scale: { type: 'linear', mode: isShare ? 'percentage' : 'normal' },
        labels: { show: true, rotate: 0, filter: false, truncate: 100 },
        title: { text: '' },
      },
    ],
    seriesParams: counted.map(({ id, params: { customLabel } }) => ({
      show: true,
      type,
      mode: chart === 'bars' ? 'stacked' : 'normal',
      data: { label: customLabel, id },
      valueAxis: 'ValueAxis-1',
      drawLinesBetweenPoints: true,
      lineWidth: 2,
      showCircles: false,
    })),
    addTooltip: true,
    addLegend: true,
    legendPosition: 'bottom',
    times: [],
    addTimeMarker: false,
    labels: { show: false },
    thresholdLine: { show: false, value: 10, width: 1, style: 'full', color: '#E7664C' },
  };
}

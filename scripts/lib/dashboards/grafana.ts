/** Dashboards as they are declared here, and as Grafana (10 or later) imports them: `npm run deploy-files` writes them. */

export interface Query {
  readonly expr: string;
  /** Of a series: `{{route}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What it shows and when to worry, for those who see it first. */
  readonly doc: string;
  /** `lines` over time, `number` for now, `bars` for the largest over the whole time that is shown. */
  readonly kind: 'lines' | 'number' | 'bars';
  /** Grafana's name of a unit: `short`, `s`, `ms`, `bytes`, `reqps`, `percentunit`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** From these values on it is yellow or red; only a `number` has them. */
  readonly yellow?: number;
  readonly red?: number;
  /** Areas that add up. */
  readonly isStacked?: boolean;
  /** Words in place of values. */
  readonly words?: Readonly<Record<string, string>>;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** The metric and its label that give the values. */
  readonly metric: string;
  readonly value: string;
  /** Matchers of `metric`, with variables before this one. */
  readonly where?: string;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly doc: string;
  readonly variables: readonly Variable[];
  readonly rows: readonly Row[];
}

const datasource = { type: 'prometheus', uid: '${datasource}' };
/** Grafana's grid has 24 columns. */
const columns = 24;
const sizes = {
  lines: { w: 8, h: 8 },
  number: { w: 4, h: 4 },
  bars: { w: 12, h: 10 },
} as const;

/** The text of the file. */
export function dashboardJson({ uid, title, doc, variables, rows }: Dashboard): string {
  const dashboard = {
    uid,
    title,
    description: doc,
    tags: ['sluice'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-3h', to: 'now' },
    timezone: '',
    annotations: { list: [] },
    templating: { list: [datasourceVariable, ...variables.map(variableJson)] },
    panels: placed(rows),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

const datasourceVariable = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
};

function variableJson({ name, label, metric, value, where = '' }: Variable) {
  const query = `label_values(${metric}${where === '' ? '' : `{${where}}`}, ${value})`;
  return {
    name,
    label,
    type: 'query',
    datasource,
    definition: query,
    query: { query, refId: name },
    // With each change of the time that is shown.
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** Panels from left to right, a line below when one is full. */
function placed(rows: readonly Row[]): readonly unknown[] {
  const panels: unknown[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    let [x, height] = [0, 0];
    for (const panel of row.panels) {
      const { w, h } = sizes[panel.kind];
      if (x + w > columns) [x, y, height] = [0, y + height, 0];
      panels.push({ id: panels.length + 1, ...panelJson(panel), gridPos: { x, y, w, h } });
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return panels;
}

function panelJson(panel: Panel) {
  const { kind, title, doc, queries } = panel;
  return {
    type: { lines: 'timeseries', number: 'stat', bars: 'bargauge' }[kind],
    title,
    description: doc,
    datasource,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(kind === 'lines' ? { range: true } : { instant: true, range: false }),
    })),
    fieldConfig: { defaults: defaultsOf(panel), overrides: [] },
    options: optionsOf(kind),
  };
}

function defaultsOf({ kind, unit, yellow, red, isStacked = false, words = {} }: Panel) {
  const steps = [
    { color: 'green', value: null },
    ...(yellow === undefined ? [] : [{ color: 'yellow', value: yellow }]),
    ...(red === undefined ? [] : [{ color: 'red', value: red }]),
  ];
  const lines = {
    drawStyle: 'line',
    lineWidth: 1,
    showPoints: 'never',
    fillOpacity: isStacked ? 30 : 0,
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
  };
  const named = Object.entries(words).map(([value, text]) => [value, { text }] as const);
  return {
    unit,
    // Nothing of what is shown can be below.
    min: 0,
    ...(kind === 'lines' ? { custom: lines } : {}),
    ...(kind === 'number' ? { thresholds: { mode: 'absolute', steps } } : {}),
    mappings: named.length === 0 ? [] : [{ type: 'value', options: Object.fromEntries(named) }],
  };
}

function optionsOf(kind: Panel['kind']) {
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
  switch (kind) {
    case 'lines':
      return {
        legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
        tooltip: { mode: 'multi', sort: 'desc' },
      };
    case 'number':
      return { reduceOptions, colorMode: 'value', graphMode: 'none', textMode: 'auto' };
    case 'bars':
      return { reduceOptions, displayMode: 'basic', orientation: 'horizontal' };
  }
}

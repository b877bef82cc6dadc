import { classicOf } from './classic.ts';
import { lensOf } from './lens.ts';
import { mapOf } from './map.ts';
import {
  idOf,
  nameOf,
  type ObjectsOptions,
  panelsFor,
  queryOf,
  searchesFor,
  titleOf,
} from './naming.ts';
import type { Panel, Search } from './panels.ts';
import type { Product, SavedObject } from './saved-object.ts';

/** All objects, for what shall show them: those that are referred to before those that refer to them. */
export function objectsFor(product: Product, options: ObjectsOptions): readonly SavedObject[] {
  const panels = panelsFor(options.fields);
  const drawn = panels.map((panel) => drawnBy(product, panel, options));
  return [
    dataView(product, options),
    ...searchesFor(options.fields).map((search) => savedSearch(search, options)),
    ...drawn,
    dashboard(product, { panels, drawn }, options),
  ];
}

const drawnBy = (product: Product, panel: Panel, options: ObjectsOptions): SavedObject => {
  if (product === 'opensearch-dashboards') return classicOf(panel, options);
  return panel.chart === 'map' ? mapOf(panel, options) : lensOf(panel, options);
};

function dataView(product: Product, options: ObjectsOptions): SavedObject {
  const { fields, indices } = options;
  const sizes = ['content_length', 'network.bytes_in', 'network.bytes_out'].filter((field) =>
    fields.has([field]),
  );
  const formats = Object.fromEntries(
    sizes.map((field) => [nameOf(fields, field), { id: 'bytes', params: { pattern: '0,0.[0]b' } }]),
  );
  return {
    id: idOf(options, 'calls'),
    type: 'index-pattern',
    attributes: {
      title: indices,
      timeFieldName: nameOf(fields, 'timestamp'),
      fields: '[]',
      fieldFormatMap: JSON.stringify(formats),
      // The index of OpenSearch Dashboards takes no attribute that it does not know.
      ...(product === 'kibana'
        ? {
            name: titleOf(options, 'API calls'),
            fieldAttrs: '{}',
            runtimeFieldMap: '{}',
            typeMeta: '{}',
          }
        : {}),
    },
    references: [],
  };
}

function savedSearch(
  { id, title, description, query, columns, sort }: Search,
  options: ObjectsOptions,
): SavedObject {
  const { fields } = options;
  const index = 'kibanaSavedObjectMeta.searchSourceJSON.index';
  return {
    id: idOf(options, id),
    type: 'search',
    attributes: {
      title: titleOf(options, title),
      description,
      hits: 0,
      columns: columns.map((field) => nameOf(fields, field)),
      sort: [[nameOf(fields, sort), 'desc']],
      version: 1,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({
          query: { query: queryOf(fields, query), language: 'kuery' },
          filter: [],
          highlightAll: true,
          version: true,
          indexRefName: index,
        }),
      },
    },
    references: [{ name: index, type: 'index-pattern', id: idOf(options, 'calls') }],
  };
}

interface Drawn {
  readonly panels: readonly Panel[];
  readonly drawn: readonly SavedObject[];
}

const columns = 48;

function dashboard(
  product: Product,
  { panels, drawn }: Drawn,
  options: ObjectsOptions,
): SavedObject {
  const places = arranged(panels);
  const shown = drawn.map(({ id, type }, at) => {
    const panelIndex = panels[at]?.id ?? '';
    const name = `panel_${panelIndex}`;
    return {
      panel: {
        version: product === 'kibana' ? '7.17.0' : '7.10.0',
        // Of Kibana 7.10 on, the reference alone says it.
        ...(product === 'kibana' ? { type } : {}),
        gridData: { ...places[at], i: panelIndex },
        panelIndex,
        embeddableConfig: product === 'kibana' ? { enhancements: {} } : {},
        panelRefName: name,
      },
      // Kibana has the panel before it, since it may have references of its own.
      reference: { name: product === 'kibana' ? `${panelIndex}:${name}` : name, type, id },
    };
  });
  return {
    id: idOf(options, 'api-traffic'),
    type: 'dashboard',
    attributes: {
      title: titleOf(options, 'API traffic'),
      description:
        'Calls through the gateway: how many, how they ended, how long they took, and whose they were.',
      panelsJSON: JSON.stringify(shown.map(({ panel }) => panel)),
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      version: 1,
      timeRestore: true,
      timeFrom: 'now-24h',
      timeTo: 'now',
      refreshInterval: { pause: true, value: 60_000 },
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
      },
    },
    references: shown.map(({ reference }) => reference),
  };
}

/** From left to right; a row is as high as its highest panel. */
function arranged(
  panels: readonly Panel[],
): readonly Readonly<Record<'x' | 'y' | 'w' | 'h', number>>[] {
  let [x, y, tallest] = [0, 0, 0];
  return panels.map(({ width: w, height: h }) => {
    if (x + w > columns) {
      y += tallest;
      [x, tallest] = [0, 0];
    }
    const place = { x, y, w, h };
    x += w;
    tallest = Math.max(tallest, h);
    return place;
  });
}

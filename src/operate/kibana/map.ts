import { idOf, nameOf, type ObjectsOptions, titleOf } from './naming.ts';
import type { Panel } from './panels.ts';
import type { SavedObject } from './saved-object.ts';

/** A panel as a map of Kibana: how many calls there were in each square of a grid, in the form of 7.14 (saved-object.ts). */
export function mapOf(panel: Panel, options: ObjectsOptions): SavedObject {
  const calls = {
    id: `${panel.id}-calls`,
    label: panel.metrics[0].label,
    type: 'VECTOR',
    visible: true,
    alpha: 0.75,
    minZoom: 0,
    maxZoom: 24,
    joins: [],
    includeInFitToBounds: true,
    sourceDescriptor: {
      id: `${panel.id}-grid`,
      type: 'ES_GEO_GRID',
      geoField: nameOf(options.fields, 'geo.location'),
      requestType: 'point',
      resolution: 'COARSE',
      metrics: [{ type: 'count' }],
      applyGlobalQuery: true,
      applyGlobalTime: true,
      indexPatternRefName: 'layer_1_source_index_pattern',
    },
    style: { type: 'VECTOR', isTimeAware: true, properties: byCount },
  };
  const ground = {
    id: `${panel.id}-ground`,
    label: null,
    type: 'VECTOR_TILE',
    visible: true,
    alpha: 1,
    minZoom: 0,
    maxZoom: 24,
    sourceDescriptor: { type: 'EMS_TMS', isAutoSelect: true },
    style: { type: 'TILE' },
  };
  const state = {
    zoom: 1.5,
    center: { lon: 0, lat: 20 },
    timeFilters: { from: 'now-24h', to: 'now' },
    refreshConfig: { isPaused: true, interval: 0 },
    query: { query: '', language: 'kuery' },
    filters: [],
  };
  return {
    id: idOf(options, panel.id),
    type: 'map',
    attributes: {
      title: titleOf(options, panel.title),
      description: panel.description,
      mapStateJSON: JSON.stringify(state),
      layerListJSON: JSON.stringify([ground, calls]),
      uiStateJSON: JSON.stringify({ isLayerTOCOpen: true, openTOCDetails: [] }),
    },
    references: [
      {
        name: 'layer_1_source_index_pattern',
        type: 'index-pattern',
        id: idOf(options, 'calls'),
      },
    ],
  };
}

const count = { label: 'count', name: 'doc_count', origin: 'source' };
const range = { isEnabled: true, sigma: 3 };
const byCount = {
  fillColor: {
    type: 'DYNAMIC',
    options: {
      color: 'Blues',
      colorCategory: 'palette_0',
      field: count,
      fieldMetaOptions: range,
      type: 'ORDINAL',
    },
  },
  lineColor: { type: 'STATIC', options: { color: '#FFF' } },
  lineWidth: { type: 'STATIC', options: { size: 0 } },
  iconSize: {
    type: 'DYNAMIC',
    options: { minSize: 6, maxSize: 30, field: count, fieldMetaOptions: range },
  },
  labelText: { type: 'DYNAMIC', options: { field: count } },
  labelSize: { type: 'STATIC', options: { size: 12 } },
  labelColor: { type: 'STATIC', options: { color: '#000000' } },
  labelBorderColor: { type: 'STATIC', options: { color: '#FFFFFF' } },
  labelBorderSize: { options: { size: 'SMALL' } },
  symbolizeAs: { options: { value: 'circle' } },
  icon: { type: 'STATIC', options: { value: 'marker' } },
  iconOrientation: { type: 'STATIC', options: { orientation: 0 } },
};

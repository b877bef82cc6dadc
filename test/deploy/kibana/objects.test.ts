/** The saved objects in deploy/kibana: of the form that their readers take, complete, and each panel drawn from what it counts. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { findPump } from '../../../pumps/index.ts';
import { DocumentFields } from '../../../src/operate/kibana/document-fields.ts';
import { textIn } from '../../../src/operate/kibana/mark.ts';
import { objectsFor } from '../../../src/operate/kibana/objects.ts';
import { fieldsOf, panels, searches } from '../../../src/operate/kibana/panels.ts';
import { ndjson, type Product } from '../../../src/operate/kibana/saved-object.ts';
import { memberOf } from '../../../src/operate/kibana/server.ts';
import { fields } from '../../../src/record/fields.ts';
import { fullShape, ownShape } from '../../../src/record/full-shape.ts';
import type { Shape } from '../../../src/record/shape.ts';
import { schemas } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;
interface Line {
  readonly id: string;
  readonly type: string;
  readonly attributes: Json;
  readonly references: readonly {
    readonly name: string;
    readonly type: string;
    readonly id: string;
  }[];
}

/** Compiled once; a type without a schema is an error. */
const ajv = new Ajv({ strict: false, allErrors: true });
for (const [product, types] of Object.entries(schemas))
  for (const [type, schema] of Object.entries(types)) ajv.addSchema(schema, `${product} ${type}`);

const linesOf = (text: string): readonly Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

const read = (product: Product): readonly Line[] =>
  linesOf(
    readFileSync(new URL(`../../../deploy/kibana/${product}.ndjson`, import.meta.url), 'utf8'),
  );

/** With every field that there is, and a place that can be put on a map. */
const everything: Shape = [
  ...[...fullShape, ...ownShape].filter(({ key }) => key !== 'geo'),
  {
    key: 'geo',
    value: {
      form: 'object',
      entries: [
        { key: 'iso_code', value: { form: 'text', field: 'geo.country.iso_code' } },
        {
          key: 'location',
          value: {
            form: 'object',
            entries: [
              { key: 'lat', value: { form: 'float', field: 'geo.location.latitude' } },
              { key: 'lon', value: { form: 'float', field: 'geo.location.longitude' } },
            ],
          },
        },
      ],
    },
  },
];

const all = (product: Product): readonly Line[] => {
  const options = { fields: new DocumentFields(everything, true), indices: 'calls-*', name: '' };
  return linesOf(
    ndjson(objectsFor(product, options), product).replaceAll(
      '"timeFieldName":"timestamp"',
      '"timeFieldName":"@timestamp"',
    ),
  );
};

const sets = (['kibana', 'opensearch-dashboards'] as const).flatMap((product) => [
  { of: `${product}, as checked in`, product, lines: read(product) },
  { of: `${product}, with all fields`, product, lines: all(product) },
]);

describe.each(sets)('the objects of $of', ({ product, lines }) => {
  it.each(lines.map((line) => [line.id, line] as const))('%s is of its form', (_, line) => {
    const key = `${product} ${line.type}`;
    expect(ajv.validate(key, line), JSON.stringify(ajv.errors)).toBe(true);
  });

  it('refer to what is there, and come after it', () => {
    const before = new Set<string>();
    for (const { id, type, references } of lines) {
      for (const reference of references)
        expect(before, id).toContain(`${reference.type}:${reference.id}`);
      expect(before).not.toContain(`${type}:${id}`);
      before.add(`${type}:${id}`);
      expect(new Set(references.map(({ name }) => name)).size).toBe(references.length);
    }
  });

  it('name every reference that they use, and no other', () => {
    for (const { id, type, attributes, references } of lines) {
      const names = references.map(({ name }) => name).sort();
      expect(usedReferences(product, type, attributes).sort(), id).toEqual(names);
    }
  });

  it('have texts that are JSON where they should be', () => {
    for (const { attributes } of lines)
      for (const [name, value] of Object.entries(attributes))
        if (/JSON$|^visState$|^(fields|fieldFormatMap|typeMeta)$/.test(name))
          expect(() => JSON.parse(String(value)) as unknown, name).not.toThrow();
  });

  it('have an id each, whatever their type', () => {
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
  });

  it('stand side by side on the dashboard, each panel once', () => {
    const dashboard = lines.at(-1);
    expect(dashboard?.type).toBe('dashboard');
    const shown = JSON.parse(String(dashboard?.attributes['panelsJSON'])) as readonly {
      readonly panelIndex: string;
      readonly gridData: Readonly<Record<'x' | 'y' | 'w' | 'h', number>> & { readonly i: string };
    }[];
    const taken = new Set<string>();
    for (const {
      panelIndex,
      gridData: { x, y, w, h, i },
    } of shown) {
      expect(i).toBe(panelIndex);
      expect(x + w).toBeLessThanOrEqual(48);
      for (let column = x; column < x + w; column++)
        for (let row = y; row < y + h; row++) {
          if (taken.has(`${column},${row}`))
            throw new Error(`${panelIndex} is over another panel.`);
          taken.add(`${column},${row}`);
        }
    }
    const drawn = lines.filter(({ type }) => ['lens', 'visualization', 'map'].includes(type));
    expect(shown).toHaveLength(drawn.length);
  });
});

/** The names by which attributes mean other objects. */
function usedReferences(product: Product, type: string, attributes: Json): string[] {
  switch (type) {
    case 'lens': {
      const layers = Object.keys(
        memberOf(attributes, 'state', 'datasourceStates', 'indexpattern', 'layers') ?? {},
      );
      return ['current-indexpattern', ...layers.map((layer) => `layer-${layer}`)].map(
        (name) => `indexpattern-datasource-${name}`,
      );
    }
    case 'map':
      return [
        ...String(attributes['layerListJSON']).matchAll(/"indexPatternRefName":"(\w+)"/g),
      ].map(([, name = '']) => name);
    case 'dashboard':
      return (
        JSON.parse(String(attributes['panelsJSON'])) as readonly {
          panelRefName: string;
          panelIndex: string;
        }[]
      ).map(({ panelRefName, panelIndex }) =>
        product === 'kibana' ? `${panelIndex}:${panelRefName}` : panelRefName,
      );
    default: {
      const name = memberOf(
        JSON.parse(textIn(attributes, ['kibanaSavedObjectMeta', 'searchSourceJSON']) ?? '{}'),
        'indexRefName',
      );
      return typeof name === 'string' ? [name] : [];
    }
  }
}

describe('the state of Lens', () => {
  const lenses = sets
    .filter(({ product }) => product === 'kibana')
    .flatMap(({ lines }) => lines)
    .filter(({ type }) => type === 'lens');

  it.each(lenses.map((line) => [line.id, line] as const))(
    '%s draws columns that it has, groups first',
    (_, { attributes }) => {
      const layers = memberOf(
        attributes,
        'state',
        'datasourceStates',
        'indexpattern',
        'layers',
      ) as Readonly<
        Record<
          string,
          {
            readonly columnOrder: readonly string[];
            readonly columns: Readonly<Record<string, Json>>;
          }
        >
      >;
      const [layerId = ''] = Object.keys(layers);
      const layer = layers[layerId];
      const columns = layer?.columns ?? {};
      expect(layer?.columnOrder).toEqual(Object.keys(columns));
      const bucketed = Object.values(columns).map((column) => column['isBucketed']);
      expect(bucketed).toEqual(bucketed.toSorted((a, b) => Number(b) - Number(a)));
      const visualization = memberOf(attributes, 'state', 'visualization');
      const drawn = drawnColumns(visualization);
      const inner = Object.values(columns).flatMap(
        (column) => (column['references'] as string[] | undefined) ?? [],
      );
      expect([...new Set([...drawn, ...inner])].sort()).toEqual(Object.keys(columns).sort());
      for (const column of Object.values(columns)) {
        const order = memberOf(column, 'params', 'orderBy', 'columnId');
        if (order !== undefined) expect(Object.keys(columns)).toContain(order);
        const ast = memberOf(column, 'params', 'tinymathAst', 'args');
        if (ast !== undefined) expect(ast).toEqual(column['references']);
      }
      expect(JSON.stringify(visualization)).toContain(`"layerId":"${layerId}","layerType":"data"`);
    },
  );

  /** Whatever a visualisation calls by its column. */
  function drawnColumns(value: unknown): readonly string[] {
    if (typeof value === 'string') return /^(group|metric)\d+$/.test(value) ? [value] : [];
    return typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(drawnColumns)
      : [];
  }
});

it('panels and searches ask for fields of a record, and have ids of their own', () => {
  const known = [...fields.map(({ name }) => name as string), 'geo.location'];
  for (const panel of panels)
    for (const field of fieldsOf(panel)) expect(known, panel.id).toContain(field);
  const ids = [...panels, ...searches].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { description } of [...panels, ...searches]) expect(description).toMatch(/^.{20,}\.$/);
});

it('a panel is left out where documents lack its field, and only there', async () => {
  const found = await findPump('elasticsearch');
  if (found.outcome !== 'found') throw new Error('no pump');
  const { pump } = found.pump.prepare({ raw: {}, source: '', key: '', env: {}, envPrefix: '' });
  const options = {
    fields: new DocumentFields(pump?.document ?? [], true),
    indices: 'x',
    name: 'team',
  };
  const ids = objectsFor('kibana', options).map(({ id }) => id);

  expect(ids).toContain('sluice-team-traffic');
  for (const left of [
    'map',
    'user-agents',
    'response-sizes',
    'largest-responses',
    'path-templates',
  ])
    expect(ids).not.toContain(`sluice-team-${left}`);
  expect(all('kibana').map(({ id }) => id)).toEqual(
    expect.arrayContaining([...panels, ...searches].map(({ id }) => `sluice-${id}`)),
  );
});

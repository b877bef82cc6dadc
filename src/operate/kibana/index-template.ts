import type { Properties, Property } from '../../pump/index-mapping.ts';
import { type Engine, isFrom } from './engine.ts';
import type { Naming } from './lifecycle.ts';
import { type Mark, markIn, markOf } from './mark.ts';

/** Something of a name that is put into a cluster. */
export interface Part {
  readonly kind: 'component template' | 'index template';
  readonly name: string;
  readonly path: string;
  readonly body: object;
  readonly readMark: (answer: unknown) => Mark | undefined;
}

export interface TemplateOptions {
  readonly name: string;
  /** Of the indices, without dates and wildcards. */
  readonly indices: readonly string[];
  readonly naming: Naming;
  readonly isDataStream: boolean;
  readonly properties: Properties;
  /** Of the lifecycle; undefined: none. */
  readonly policy: string | undefined;
  /** Types that only some distributions have. */
  readonly hasTextTypes: boolean;
}

/** Above the templates that come with a server (100) and those that the pump makes by itself (200). */
export const priority = 250;

export const patternsOf = ({
  indices,
  naming,
}: Pick<TemplateOptions, 'indices' | 'naming'>): readonly string[] =>
  naming === 'daily' || naming === 'alias' ? indices.map((index) => `${index}-*`) : indices;

/** The parts in the order in which they are put: what is composed of others comes last. */
export function partsOf(engine: Engine, options: TemplateOptions): readonly Part[] {
  const { name } = options;
  const settings = settingsOf(engine, options);
  const components = [
    // What differs between distributions is no difference to what was wanted.
    component(
      `${name}@mappings`,
      { mappings: mappingsOf(engine, options) },
      mappingsOf(engine, { ...options, hasTextTypes: false }),
    ),
    ...(settings === undefined ? [] : [component(`${name}@settings`, { settings })]),
  ];
  const custom = `${name}@custom`;
  const isCustom = isFrom(engine, { elasticsearch: [8, 7] });
  const body = {
    index_patterns: patternsOf(options),
    priority,
    composed_of: [...components.map((each) => each.name), ...(isCustom ? [custom] : [])],
    ...(isCustom ? { ignore_missing_component_templates: [custom] } : {}),
    ...(options.isDataStream ? { data_stream: {} } : {}),
  };
  return [
    ...components,
    {
      kind: 'index template',
      name,
      path: `/_index_template/${encodeURIComponent(name)}`,
      body: { ...body, _meta: markOf(body) },
      readMark: (answer) => markIn(answer, ['index_templates', '0', 'index_template', '_meta']),
    },
  ];
}

const component = (name: string, template: object, wanted: object = template): Part => ({
  kind: 'component template',
  name,
  path: `/_component_template/${encodeURIComponent(name)}`,
  body: { template, _meta: markOf(wanted) },
  readMark: (answer) => markIn(answer, ['component_templates', '0', 'component_template', '_meta']),
});

/** What nobody declared: texts become names, and an object becomes no fields, however many keys it has. */
const dynamicTemplates = [
  { objects: { match_mapping_type: 'object', mapping: { type: 'object', enabled: false } } },
  { texts: { match_mapping_type: 'string', mapping: { type: 'keyword', ignore_above: 1_024 } } },
];

const mappingsOf = (engine: Engine, { properties, hasTextTypes }: TemplateOptions): object => ({
  date_detection: false,
  numeric_detection: false,
  dynamic_templates: dynamicTemplates,
  properties:
    hasTextTypes && isFrom(engine, { elasticsearch: [7, 14], opensearch: [2, 12] })
      ? withTextTypes(properties)
      : properties,
});

/** Long names, such as paths, can be searched by their words too; payloads need no more than that. */
function withTextTypes(properties: Properties): Properties {
  const better = (property: Property): Property => {
    if (property.properties !== undefined)
      return { ...property, properties: withTextTypes(property.properties) };
    if (property.type === 'text') return { type: 'match_only_text' };
    return property.type === 'keyword' && Number(property['ignore_above']) > 1_024
      ? { ...property, fields: { text: { type: 'match_only_text' } } }
      : property;
  };
  return Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, better(each)]));
}

/** Of the lifecycle: in OpenSearch the policy itself says whose it is. */
function settingsOf(
  engine: Engine,
  { policy, naming, indices }: TemplateOptions,
): object | undefined {
  if (policy === undefined) return undefined;
  const [alias] = indices;
  if (engine.product === 'elasticsearch')
    return {
      'index.lifecycle.name': policy,
      ...(naming === 'alias' ? { 'index.lifecycle.rollover_alias': alias } : {}),
    };
  return naming === 'alias'
    ? { 'plugins.index_state_management.rollover_alias': alias }
    : undefined;
}

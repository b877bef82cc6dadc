/** A saved object as Kibana and OpenSearch Dashboards export and import it: a line of NDJSON. */
export interface SavedObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
}

export type ObjectType =
  | 'index-pattern'
  | 'search'
  | 'lens'
  | 'visualization'
  | 'map'
  | 'dashboard';

export interface Reference {
  readonly name: string;
  readonly type: ObjectType;
  readonly id: string;
}

export type Product = 'kibana' | 'opensearch-dashboards';

/**
 * For which version the attributes of each type are written: what reads them brings them up to its own. Kibana 7.17 is the oldest
 * that has all of it, and every later one knows the way from there; OpenSearch Dashboards began as Kibana 7.10.
 */
const versions: Readonly<Record<Product, Partial<Record<ObjectType, string>>>> = {
  kibana: {
    'index-pattern': '7.11.0',
    search: '7.9.3',
    lens: '7.16.0',
    map: '7.14.0',
    dashboard: '7.14.0',
  },
  'opensearch-dashboards': {
    'index-pattern': '7.6.0',
    search: '7.9.3',
    visualization: '7.10.0',
    dashboard: '7.9.3',
  },
};

/** One object on each line, those that are referred to before those that refer to them. */
export const ndjson = (objects: readonly SavedObject[], product: Product): string =>
  objects
    .map((object) => `${JSON.stringify({ ...object, ...versionOf(object.type, product) })}\n`)
    .join('');

function versionOf(type: ObjectType, product: Product): object {
  const version = versions[product][type];
  const migrationVersion = version === undefined ? {} : { [type]: version };
  // Beside the type's, Kibana has one of the frame around it.
  return product === 'kibana'
    ? { migrationVersion, coreMigrationVersion: '7.17.0' }
    : { migrationVersion };
}

import elasticsearch from '../../pumps/elasticsearch/index.ts';
import { DocumentFields } from '../../src/operate/kibana/document-fields.ts';
import type { Engine } from '../../src/operate/kibana/engine.ts';
import { partsOf, patternsOf } from '../../src/operate/kibana/index-template.ts';
import { policyOf } from '../../src/operate/kibana/lifecycle.ts';
import { objectsFor } from '../../src/operate/kibana/objects.ts';
import { ndjson, type Product } from '../../src/operate/kibana/saved-object.ts';
import { indexProperties } from '../../src/pump/index-mapping.ts';
import type { Shape } from '../../src/record/shape.ts';

const folder = 'deploy/kibana';
const indices = ['tyk_analytics'];
const name = 'sluice-tyk_analytics';

/** What `sluice kibana` makes where nobody says otherwise, for those who want files; the templates for indices of days. */
export function kibanaFiles(): Readonly<Record<string, string>> {
  const document = usualDocument();
  const fields = new DocumentFields(document, true);
  const objects = (product: Product): string =>
    ndjson(objectsFor(product, { fields, indices: 'tyk_analytics*', name: '' }), product);
  return {
    [`${folder}/kibana.ndjson`]: objects('kibana'),
    [`${folder}/opensearch-dashboards.ndjson`]: objects('opensearch-dashboards'),
    ...clusterFiles('elasticsearch', { product: 'elasticsearch', major: 8, minor: 19 }, document),
    ...clusterFiles('opensearch', { product: 'opensearch', major: 2, minor: 19 }, document),
  };
}

/** With all that the pump can add by itself. */
function usualDocument(): Shape {
  const { pump } = elasticsearch.prepare({
    raw: { extended_stats: true },
    ...{ source: '', key: '', env: {}, envPrefix: '' },
  });
  return pump?.document ?? [];
}

function clusterFiles(
  prefix: string,
  engine: Engine,
  document: Shape,
): Readonly<Record<string, string>> {
  const naming = 'daily' as const;
  const parts = partsOf(engine, {
    ...{ name, indices, naming, isDataStream: false, policy: name, hasTextTypes: true },
    properties: indexProperties(document),
  });
  const policy = policyOf(engine, name, {
    ...{ naming, deleteAfter: 30, rolloverSize: '50gb', rolloverAge: 7 },
    patterns: patternsOf({ indices, naming }),
  });
  const json = (body: object): string => `${JSON.stringify(body, undefined, 2)}\n`;
  return Object.fromEntries([
    [`${folder}/${prefix}/policy.json`, json(policy.body)],
    ...parts.map((part) => [
      `${folder}/${prefix}/${part.name.includes('@') ? part.name.replace(/^.*@/, 'component-') : 'index-template'}.json`,
      json(part.body),
    ]),
  ]) as Readonly<Record<string, string>>;
}

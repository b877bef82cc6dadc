/**
 * What Kubernetes, KEDA and the operator of Prometheus accept, as JSON Schemas for kubeconform: made from the sources of each, which
 * Go's module proxy has. A field that is not declared is a mistake, as it is to `kubectl apply --validate=strict`.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { userCache, versionOf } from '../../scripts/lib/user-cache.mjs';
import { needGoModule } from './go.ts';

/** The oldest that the chart is for, and the newest. */
export const kubernetesReleases = ['v1.27.16', 'v1.37.2'] as const;
export type KubernetesRelease = (typeof kubernetesReleases)[number];

const operator = ['github.com/prometheus-operator/prometheus-operator', 'v0.85.0'] as const;
const keda = ['github.com/kedacore/keda/v2', 'v2.21.0'] as const;

type Schema = Readonly<Record<string, unknown>>;

/** A folder with one for each release. Throws `Unavailable` where the sources cannot be fetched. */
export async function needKubernetesSchemas(): Promise<string> {
  const home = userCache('kubernetes-schemas', versionOf(fileURLToPath(import.meta.url)));
  if (existsSync(home)) return home;
  await mkdir(path.dirname(home), { recursive: true });
  const fresh = await mkdtemp(`${home}-`);
  try {
    for (const release of kubernetesReleases) await write(path.join(fresh, release), release);
    // In one step, for another test may do the same at this time: then the first one's is kept.
    await rename(fresh, home);
  } catch (error) {
    if (!existsSync(home)) throw error;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return home;
}

async function write(folder: string, release: KubernetesRelease): Promise<void> {
  const sources = await needGoModule('k8s.io/kubernetes', release);
  const swagger = path.join(sources, 'api', 'openapi-spec', 'swagger.json');
  const { definitions } = JSON.parse(await readFile(swagger, 'utf8')) as {
    readonly definitions: Readonly<Record<string, Schema>>;
  };
  await mkdir(folder);
  const common = { definitions: { ...strictAll(definitions), ...loose } };
  await writeFile(path.join(folder, '_definitions.json'), JSON.stringify(common));
  for (const [name, definition] of Object.entries(definitions))
    for (const kind of kindsOf(definition))
      await writeFile(
        path.join(folder, fileOf(kind)),
        JSON.stringify({ $ref: `_definitions.json#/definitions/${name}` }),
      );
  for (const crd of await customResources())
    for (const { name: version, schema } of crd.spec.versions) {
      const kind = { group: crd.spec.group, version, kind: crd.spec.names.kind };
      await writeFile(
        path.join(folder, fileOf(kind)),
        JSON.stringify(strict(withMetadata(schema.openAPIV3Schema))),
      );
    }
}

/** Declared as texts, and more than that. */
const loose: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['string', 'integer'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'] },
};

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const kindsOf = (definition: Schema): readonly Kind[] =>
  (definition['x-kubernetes-group-version-kind'] as readonly Kind[] | undefined) ?? [];

/** As kubeconform looks for it: `deployment-apps-v1.json`, `service-v1.json`. */
const fileOf = ({ group, version, kind }: Kind): string =>
  `${[kind, group.split('.')[0] ?? '', version].filter(Boolean).join('-').toLowerCase()}.json`;

const strictAll = (all: Readonly<Record<string, Schema>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(all).map(([name, schema]) => [name, strict(schema)]));

/** The same, in which what has named fields has no others. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { properties, ...rest } = schema as Schema & {
    readonly properties?: Readonly<Record<string, Schema>>;
  };
  const others = Object.fromEntries(Object.entries(rest).map(([key, of]) => [key, strict(of)]));
  if (rest['x-kubernetes-int-or-string'] === true) return { type: ['string', 'integer'] };
  if (properties === undefined) return others;
  const isOpen =
    'additionalProperties' in rest || rest['x-kubernetes-preserve-unknown-fields'] === true;
  return {
    ...others,
    properties: strictAll(properties),
    ...(isOpen ? {} : { additionalProperties: false }),
  };
}

/** A custom resource's schema says nothing of its metadata but that it is an object. */
function withMetadata(schema: Schema): Schema {
  const metadata = {
    $ref: '_definitions.json#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  };
  const properties = schema['properties'] as Schema;
  return { ...schema, properties: { ...properties, metadata } };
}

interface CustomResource {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** The definitions of what the chart can make besides Kubernetes's own. */
export async function customResources(): Promise<readonly CustomResource[]> {
  const [ofOperator, ofKeda] = [await needGoModule(...operator), await needGoModule(...keda)];
  const files = [
    ...['servicemonitors', 'podmonitors', 'prometheusrules'].map((name) =>
      path.join(ofOperator, 'jsonnet', 'prometheus-operator', `${name}-crd.json`),
    ),
    ...['scaledobjects', 'triggerauthentications'].map((name) =>
      path.join(ofKeda, 'config', 'crd', 'bases', `keda.sh_${name}.yaml`),
    ),
  ];
  // JSON is YAML.
  return Promise.all(
    files.map(async (file) => parse(await readFile(file, 'utf8')) as CustomResource),
  );
}

import { textIn } from './mark.ts';
import { ndjson, type ObjectType, type Product, type SavedObject } from './saved-object.ts';
import { type Ask, memberOf, refusal, type Said, ServerTrouble } from './server.ts';

export interface ImportOptions {
  /** What the operator says it is; undefined: it is asked. */
  readonly product: Product | undefined;
  /** Empty: the default one. */
  readonly space: string;
  readonly overwrite: boolean;
  readonly dryRun: boolean;
  readonly objectsFor: (product: Product) => readonly SavedObject[];
}

export interface ImportedObject {
  readonly type: ObjectType;
  readonly id: string;
  readonly title: string;
  readonly isThere: boolean;
  /** Why it was not imported. */
  readonly reason?: string;
}

export interface Import {
  readonly product: Product;
  /** Undefined: it does not say. */
  readonly version: string | undefined;
  readonly objects: readonly ImportedObject[];
  readonly problems: readonly string[];
  readonly isDone: boolean;
}

/**
 * Imports the objects as a file, which is the one way that stays from version to version. What is there is looked at before: an
 * import without permission to overwrite would do half of it.
 */
export async function importObjects(ask: Ask, at: string, options: ImportOptions): Promise<Import> {
  const told = await askProduct(ask, at);
  const product = options.product ?? told.product;
  if (options.product !== undefined && told.isCertain && told.product !== options.product)
    throw new ServerTrouble(
      `${at} is ${shownProducts[told.product]}${told.version === undefined ? '' : ` ${told.version}`}, not ${shownProducts[options.product]}`,
    );
  const objects = options.objectsFor(product);
  const there = new Set<SavedObject>();
  for (const object of objects)
    if (await isThere(ask, at, object, options, product)) there.add(object);
  const listed = (reasons: ReadonlyMap<string, string>): readonly ImportedObject[] =>
    objects.map((object) => {
      const reason = reasons.get(`${object.type}:${object.id}`);
      return {
        ...{ type: object.type, id: object.id, title: titleIn(object) },
        isThere: there.has(object),
        ...(reason === undefined ? {} : { reason }),
      };
    });
  const found = { product, version: told.version, objects: listed(new Map()) };
  if (there.size > 0 && !options.overwrite)
    return {
      ...found,
      problems: [
        `${there.size} of ${objects.length} objects are there already: --overwrite replaces them, with whatever was changed in them, or --name=NAME makes others beside them.`,
      ],
      isDone: false,
    };
  if (options.dryRun) return { ...found, problems: [], isDone: false };
  const reasons = await sendFile(ask, at, { objects, product, options });
  return {
    ...found,
    objects: listed(reasons),
    problems:
      reasons.size === 0 ? [] : [`${reasons.size} of ${objects.length} objects were refused.`],
    isDone: true,
  };
}

export const shownProducts: Readonly<Record<Product, string>> = {
  kibana: 'Kibana',
  'opensearch-dashboards': 'OpenSearch Dashboards',
};

interface Told {
  readonly product: Product;
  readonly version: string | undefined;
  readonly isCertain: boolean;
}

/** OpenSearch Dashboards began to count at 1 again; those who may not ask for the version are taken for Kibana. */
async function askProduct(ask: Ask, at: string): Promise<Told> {
  const said = await ask({ method: 'GET', path: '/api/status' });
  if (said.status === 401) throw new ServerTrouble(`${at} wants other credentials (401)`);
  if (said.status === 404 || (said.json === undefined && said.status !== 503))
    throw new ServerTrouble(
      `${at} is no Kibana and no OpenSearch Dashboards (it answered ${said.status} to /api/status)`,
    );
  const version = memberOf(said.json, 'version', 'number');
  if (typeof version !== 'string')
    return { product: 'kibana', version: undefined, isCertain: false };
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) < 5) return { product: 'opensearch-dashboards', version, isCertain: true };
  if (Number(major) < 7 || (Number(major) === 7 && Number(minor) < 17))
    throw new ServerTrouble(`${at} is Kibana ${version}; the objects need 7.17 or later`);
  return { product: 'kibana', version, isCertain: true };
}

/** A request that changes something, or that these servers treat as one, says that no other page has made it. */
const headers = { 'kbn-xsrf': 'sluice', 'osd-xsrf': 'sluice' };

const inSpace = (space: string): string => (space === '' ? '' : `/s/${encodeURIComponent(space)}`);

/** By its export, which every version has and which fails where there is none. */
async function isThere(
  ask: Ask,
  at: string,
  { type, id }: SavedObject,
  { space }: ImportOptions,
  product: Product,
): Promise<boolean> {
  const said = await ask({
    method: 'POST',
    path: `${inSpace(space)}/api/saved_objects/_export`,
    headers,
    json: { objects: [{ type, id }], includeReferencesDeep: false },
  });
  if (said.status === 200) return true;
  if (said.status === 400 && isNotFound(said)) return false;
  throw new ServerTrouble(explained(said, at, { space, product }));
}

function isNotFound({ json }: Said): boolean {
  const failed = memberOf(json, 'attributes', 'objects');
  if (
    Array.isArray(failed) &&
    failed.some((each) => Number(memberOf(each, 'error', 'statusCode')) === 404)
  )
    return true;
  return /not found|Error fetching objects to export/i.test(String(memberOf(json, 'message')));
}

function explained(
  said: Said,
  at: string,
  { space, product }: { readonly space: string; readonly product: Product },
): string {
  const { status } = said;
  if (status === 401) return `${at} wants other credentials (401)`;
  if (status === 403) return `these credentials may not manage saved objects of ${at} (403)`;
  if (status === 404 && space !== '') return `${at} has no space "${space}" (404)`;
  return `${shownProducts[product]} at ${at} ${refusal(said)}`;
}

const boundary = 'sluice-saved-objects-5f0d3a1c9b7e';

/** Gives the reasons of what was refused, by type and id. */
async function sendFile(
  ask: Ask,
  at: string,
  {
    objects,
    product,
    options,
  }: {
    readonly objects: readonly SavedObject[];
    readonly product: Product;
    readonly options: ImportOptions;
  },
): Promise<ReadonlyMap<string, string>> {
  const form = [
    `--${boundary}`,
    'Content-Disposition: form-data; name="file"; filename="sluice.ndjson"',
    'Content-Type: application/ndjson',
    '',
    ndjson(objects, product),
    `--${boundary}--`,
    '',
  ].join('\r\n');
  const said = await ask({
    method: 'POST',
    path: `${inSpace(options.space)}/api/saved_objects/_import${options.overwrite ? '?overwrite=true' : ''}`,
    headers,
    body: { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.from(form) },
  });
  if (said.status !== 200)
    throw new ServerTrouble(explained(said, at, { space: options.space, product }));
  const errors = memberOf(said.json, 'errors');
  const reasons = new Map<string, string>();
  for (const each of Array.isArray(errors) ? errors : []) {
    const error = memberOf(each, 'error');
    const words = textIn(error, ['message']) ?? textIn(error, ['type']) ?? 'it says no reason';
    reasons.set(`${textIn(each, ['type']) ?? ''}:${textIn(each, ['id']) ?? ''}`, words);
  }
  // A success is only what says so.
  if (reasons.size === 0 && memberOf(said.json, 'success') !== true)
    throw new ServerTrouble(`${at} does not say that the import went well`);
  return reasons;
}

const titleIn = ({ attributes }: SavedObject): string =>
  String(attributes['name'] ?? attributes['title']);

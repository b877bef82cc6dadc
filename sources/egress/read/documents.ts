import { type PlacedProblem, readStructured, type StructuredDocument } from '#source';
import type { FieldTable } from './field-table.ts';
import { type Findings, findingsOf } from './findings.ts';
import { isObject, ObjectReader } from './object-reader.ts';

/** A file as it was read. */
export interface RulesFile {
  /** As the operator named it: problems carry it. */
  readonly path: string;
  readonly text: string;
}

/** The kinds of objects that are obeyed. */
export type Kind = 'ServiceEntry' | 'DestinationRule' | 'EgressNetwork' | 'short form';

/** One object that says something: a document of a file, or an item of a List. */
export interface RulesObject {
  readonly kind: Kind;
  /** `namespace/name`; empty in the short form. */
  readonly name: string;
  readonly file: string;
  readonly findings: Findings;
  /** A reader of its `spec`, or of all of the short form. */
  read<T extends FieldTable>(table: T): ObjectReader<T>;
}

const groups: Readonly<Record<string, Kind>> = {
  'networking.istio.io/ServiceEntry': 'ServiceEntry',
  'networking.istio.io/DestinationRule': 'DestinationRule',
  'policy.linkerd.io/EgressNetwork': 'EgressNetwork',
};

/** Other kinds of these would change what may be called, or how. */
const meshGroups = /(?:^|\.)(?:istio\.io|linkerd\.io|gateway\.networking\.k8s\.io)$/;

/** All objects of a file; what is wrong with the rest of it goes to `problems`. */
export function objectsIn(
  { path, text }: RulesFile,
  problems: PlacedProblem[],
): readonly RulesObject[] {
  const file = readStructured(text, { path });
  problems.push(...file.problems);
  return file.documents.flatMap((document, index) => {
    // Empty, as between two `---`.
    if (document.value === null) return [];
    const where = file.documents.length > 1 ? `document ${index + 1}` : '';
    return objectsOf({ value: document.value, at: '', where, path, document }, problems);
  });
}

interface Part {
  readonly value: unknown;
  /** Path of it in its document. */
  readonly at: string;
  readonly where: string;
  readonly path: string;
  readonly document: StructuredDocument;
}

function objectsOf(part: Part, problems: PlacedProblem[]): readonly RulesObject[] {
  const { value, at, where, path, document } = part;
  const found = (label: string): Findings => findingsOf({ file: path, label, document }, problems);
  if (!isObject(value)) {
    found(where).wrong(at, value, 'an object');
    return [];
  }
  if (value['kind'] === undefined && value['apiVersion'] === undefined)
    return [
      objectOf({
        kind: 'short form',
        name: '',
        file: path,
        spec: value,
        at,
        findings: found(where),
      }),
    ];
  if (value['kind'] === 'List' && Array.isArray(value['items']))
    return value['items'].flatMap((item: unknown, i) =>
      objectsOf({ ...part, value: item, at: below(at, `items[${i}]`) }, problems),
    );
  const name = nameOf(value['metadata']);
  const kind = kindOf(value, { at, where, name, findings: found(where) });
  if (kind === undefined) return [];
  const label = [where, `(${kind}${name === '' ? '' : ` ${name}`})`].filter(Boolean).join(' ');
  const findings = found(label);
  if (name === '') findings.wrong(below(at, 'metadata.name'), undefined, 'a name');
  const spec = value['spec'];
  if (isObject(spec))
    return [objectOf({ kind, name, file: path, spec, at: below(at, 'spec'), findings })];
  findings.wrong(below(at, 'spec'), spec, 'an object');
  return [];
}

/** Undefined: nothing is to be read of it, which is said. */
function kindOf(
  value: Readonly<Record<string, unknown>>,
  {
    at,
    name,
    findings,
  }: {
    readonly at: string;
    readonly where: string;
    readonly name: string;
    readonly findings: Findings;
  },
): Kind | undefined {
  const { kind, apiVersion } = value;
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') {
    const missing = typeof kind === 'string' ? 'apiVersion' : 'kind';
    findings.wrong(below(at, missing), value[missing], 'a text, as Kubernetes has it');
    return undefined;
  }
  const [, group = '', version = ''] = /^(?:(.*)\/)?(.*)$/.exec(apiVersion) ?? [];
  const found = groups[`${group}/${kind}`];
  const shown = `${kind}${name === '' ? '' : ` ${name}`}`;
  if (found !== undefined && /^v1/.test(version)) return found;
  if (found !== undefined || (group === '' && Object.values(groups).includes(kind as Kind)))
    findings.wrong(
      below(at, 'apiVersion'),
      apiVersion,
      `the group of ${kind} with a version of v1`,
    );
  else if (meshGroups.test(group))
    findings.refused(
      below(at, 'kind'),
      kind,
      `${shown} would decide about calls, and is not built`,
    );
  else findings.ignored(below(at, 'kind'), kind, `${shown} says nothing about calls`);
  return undefined;
}

function objectOf(parts: {
  readonly kind: Kind;
  readonly name: string;
  readonly file: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly at: string;
  readonly findings: Findings;
}): RulesObject {
  const { spec, at, ...object } = parts;
  return { ...object, read: (table) => new ObjectReader(spec, at, table, parts.findings) };
}

function nameOf(metadata: unknown): string {
  if (!isObject(metadata)) return '';
  const { name, namespace } = metadata;
  if (typeof name !== 'string') return '';
  return typeof namespace === 'string' ? `${namespace}/${name}` : name;
}

const below = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);

import type { Problem } from '../config/problem.ts';
import type { FieldsConfig, RecordRules } from '../config/record-rules.ts';
import { fields } from '../record/fields.ts';
import { fullShape, ownShape } from '../record/full-shape.ts';
import type { Shape, ShapeEntry, ShapeValue } from '../record/shape.ts';
import { fieldOf } from '../record/write/leaf-value.ts';

/** What the operator wants in the documents of a pump. */
export interface DocumentRules {
  /** Undefined: as the pump has them. */
  readonly fields: FieldsConfig | undefined;
  /** Fields of ours that are added to records, and so to documents unless `fields` says otherwise. */
  readonly added: readonly string[];
}

export const plainDocument: DocumentRules = { fields: undefined, added: [] };

export const documentRulesOf = ({
  fields: wanted,
  enrich,
  sample,
}: RecordRules): DocumentRules => ({
  fields: wanted,
  added: [
    ...(enrich?.pathTemplate === true ? ['path_template'] : []),
    ...(enrich?.userAgent === true ? ['client'] : []),
    ...(sample === undefined ? [] : ['sample_weight']),
    ...(wanted?.unknown === true ? ['unknown'] : []),
  ],
});

/** One value of a document: where it stands, and the fields of a record that it is made of. */
export interface Leaf {
  readonly path: readonly string[];
  readonly entry: Omit<ShapeEntry, 'key'>;
  readonly fields: readonly string[];
}

/** Stands for what the pump sends by itself. */
const usual = '*';

/** All that there is, by the names of the record. */
const everything = valuesIn([...fullShape, ...ownShape]);

/** The pump's document with what the operator wants of it. */
export function documentOf(shape: Shape, { fields: wanted, added }: DocumentRules): Shape {
  if (wanted === undefined && added.length === 0) return shape;
  const own = valuesIn(shape);
  const usualLeaves = [...own, ...added.flatMap((name) => made(name, own))];
  if (wanted === undefined) return shapeOfLeaves(usualLeaves);
  return shapeOfLeaves(selected(usualLeaves, wanted));
}

function selected(
  usualLeaves: readonly Leaf[],
  { rename, constants, ...chosen }: FieldsConfig,
): readonly Leaf[] {
  const kept = keptOf(usualLeaves, chosen).map((leaf) => renamed(leaf, rename));
  const fixed = Object.entries(constants).map(([name, text]): Leaf => {
    const json = JSON.stringify(text);
    return { path: [name], entry: { value: { form: 'constant', json } }, fields: [] };
  });
  const taken = new Set(Object.keys(constants));
  return [...kept.filter(({ path: [first = ''] }) => !taken.has(first)), ...fixed];
}

function keptOf(
  usualLeaves: readonly Leaf[],
  { include, exclude }: Pick<FieldsConfig, 'include' | 'exclude'>,
): readonly Leaf[] {
  const names = include.length === 0 ? [usual] : include;
  const leaves = new Set<Leaf>();
  const own = new Set(names.flatMap((name) => namedIn(usualLeaves, name)));
  for (const name of names) {
    const found = name === usual ? usualLeaves : namedIn(usualLeaves, name);
    for (const leaf of found) if (name !== usual || !own.has(leaf)) leaves.add(leaf);
    if (name !== usual && found.length === 0) for (const leaf of made(name, [])) leaves.add(leaf);
  }
  return [...leaves].filter((leaf) => !exclude.some((name) => isNamed(leaf, name)));
}

const namedIn = (leaves: readonly Leaf[], name: string): readonly Leaf[] =>
  leaves.filter((leaf) => isNamed(leaf, name));

/** By its field, by its place in the document, or with the object that it is in. */
const isNamed = ({ path, fields: names }: Leaf, name: string): boolean =>
  [path.join('.'), ...names].some((each) => each === name || each.startsWith(`${name}.`));

/** Fields that the pump does not send by itself, as full JSON has them. */
const made = (name: string, known: readonly Leaf[]): readonly Leaf[] =>
  everything.filter((leaf) => isNamed(leaf, name) && !namedIn(known, leaf.fields[0] ?? '').length);

function renamed(leaf: Leaf, rename: FieldsConfig['rename']): Leaf {
  for (const [name, wanted] of Object.entries(rename)) {
    const place = placeOf(leaf, name);
    if (place === undefined) continue;
    return { ...leaf, path: leaf.path.with(place.at, wanted + place.rest) };
  }
  return leaf;
}

/**
 * Which key of its path has this name, that of the field too, and what of that key is behind it: a key may have dots of its
 * own. Undefined: none.
 */
function placeOf(
  { path, fields: names }: Leaf,
  name: string,
): { readonly at: number; readonly rest: string } | undefined {
  for (const at of path.keys()) {
    const here = path.slice(0, at + 1).join('.');
    if (here === name || here.startsWith(`${name}.`)) return { at, rest: here.slice(name.length) };
  }
  return names.length === 1 && names[0] === name ? { at: path.length - 1, rest: '' } : undefined;
}

/** The values of a document, wherever they stand in it. An object that not every record has is one value. */
export function valuesIn(shape: Shape, path: readonly string[] = []): readonly Leaf[] {
  return shape.flatMap(({ key, ...entry }): readonly Leaf[] => {
    const { value, when } = entry;
    const here = [...path, key];
    if (value.form === 'object' && when === undefined && value.entries.length > 0)
      return valuesIn(value.entries, here);
    return [{ path: here, entry, fields: fieldsOf(value) }];
  });
}

function fieldsOf(value: ShapeValue): readonly string[] {
  if (value.form === 'object') return value.entries.flatMap((entry) => fieldsOf(entry.value));
  return value.form === 'constant' ? [] : [fieldOf(value)];
}

/** Objects stand where the first of what is in them does. */
function shapeOfLeaves(leaves: readonly Leaf[], depth = 0): Shape {
  const groups = new Map<string, Leaf[]>();
  for (const leaf of leaves) {
    const key = leaf.path[depth] ?? '';
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [leaf]);
    else group.push(leaf);
  }
  return [...groups].map(([key, group]): ShapeEntry => {
    const alone = group.find(({ path }) => path.length === depth + 1);
    if (alone !== undefined) return { key, ...alone.entry };
    return { key, value: { form: 'object', entries: shapeOfLeaves(group, depth + 1) } };
  });
}

/** `key`: within `fields`. */
type DocumentProblem = Pick<Problem, 'key' | 'found' | 'expected' | 'severity'>;

/** A name that a pump's documents cannot have. */
export interface WrongName {
  readonly name: string;
  readonly expected: string;
}

/** A pump that sends documents. */
interface Documented {
  readonly document: Shape;
  readonly checkDocument?: ((document: Shape) => Iterable<WrongName>) | undefined;
}

/** Names that are no field, that two values would have, that no value has, and that the pump cannot send. */
export function documentProblems(
  { document, checkDocument }: Documented,
  rules: DocumentRules & { readonly fields: FieldsConfig },
): readonly DocumentProblem[] {
  const own = valuesIn(document);
  const { rename, constants } = rules.fields;
  const unknown = unknownNames(own, rules.fields);
  if (unknown.length > 0) return unknown;
  const usualLeaves = [...own, ...rules.added.flatMap((name) => made(name, own))];
  const chosen = selected(usualLeaves, rules.fields);
  if (chosen.length === 0)
    return [
      {
        ...{ key: 'exclude', found: 'every field', expected: 'fewer: nothing is left to send' },
        severity: 'error',
      },
    ];
  const twice = collisions(chosen);
  if (twice.length > 0)
    return twice.map((name) => ({
      key: 'rename',
      found: `two values called "${name}"`,
      expected: 'another name for one of them',
      severity: 'error',
    }));
  const wrong = [...(checkDocument?.(documentOf(document, rules)) ?? [])];
  const kept = keptOf(usualLeaves, rules.fields);
  const idle = Object.keys(rename).filter(
    (name) => !kept.some((leaf) => placeOf(leaf, name) !== undefined),
  );
  return [
    ...wrong.map(({ name, expected }) => ({
      key: Object.hasOwn(constants, name) ? 'constants' : 'rename',
      found: `"${name}"`,
      expected,
      severity: 'error' as const,
    })),
    ...idle.map((name) => ({
      key: 'rename',
      found: `"${name}"`,
      expected:
        'the name of a value or an object in the documents of this pump; it renames nothing here',
      severity: 'warning' as const,
    })),
  ];
}

function unknownNames(
  own: readonly Leaf[],
  { include, exclude, rename }: FieldsConfig,
): readonly DocumentProblem[] {
  const isKnown = (name: string): boolean =>
    name === usual || namedIn(own, name).length > 0 || namedIn(everything, name).length > 0;
  return (
    [
      ['include', include],
      ['exclude', exclude],
      ['rename', Object.keys(rename)],
    ] as const
  ).flatMap(([key, names]) =>
    names
      .filter((name) => !isKnown(name))
      .map((name) => ({ key, found: `"${name}"`, expected: knownNames, severity: 'error' })),
  );
}

const knownNames = `the name of a field of a record or of an object in it: ${[
  ...new Set(fields.map(({ name }) => name.split('.')[0])),
].join(', ')}`;

/** Places at which two values would stand, or a value and an object. */
function collisions(leaves: readonly Leaf[]): readonly string[] {
  const places = leaves.map(({ path }) => path.join('\0'));
  return places
    .filter((place, at) =>
      places.some(
        (other, index) =>
          index !== at && (other.startsWith(`${place}\0`) || (other === place && index < at)),
      ),
    )
    .map((place) => place.replaceAll('\0', '.'));
}

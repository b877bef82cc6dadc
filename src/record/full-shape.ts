import { type FieldTree, treeOf } from './field-tree.ts';
import { type Field, gatewayFields, ownFields } from './fields.ts';
import type { Shape } from './shape.ts';
import type { LeafValue } from './write/leaf-value.ts';

/** The whole record, in the order of the reference's struct (tyk-pump.md, "Fields"): stdout, sqs, segment. */
export const fullShape: Shape = shapeOfFields(gatewayFields);

/** What Sluice itself adds to records. */
export const ownShape: Shape = shapeOfFields(ownFields);

/** These fields by their names, objects within objects. */
function shapeOfFields(fields: readonly Field[]): Shape {
  return shapeOfTree(treeOf(fields, ({ name }) => name));
}

export function shapeOfTree(tree: FieldTree<Field>): Shape {
  return tree.map(({ key, leaf, nodes }) => ({
    key,
    value: leaf === undefined ? { form: 'object', entries: shapeOfTree(nodes) } : valueOf(leaf),
  }));
}

/** As what it is. */
export function valueOf({ kind, name }: Field): LeafValue {
  switch (kind) {
    case 'text':
      if (name === 'unknown') return { form: 'json', field: name };
      return { form: 'text', field: name };
    case 'int32':
    case 'int64':
      return { form: 'integer', field: name };
    case 'float':
      return { form: 'float', field: name };
    case 'flag':
      return { form: 'flag', field: name };
    case 'time':
      return { form: 'time', field: name };
    case 'list':
      return { form: 'list', field: name };
    case 'names':
      return { form: 'city-names' };
    case 'types':
      return { form: 'graph-types' };
    case 'errors':
      return { form: 'graph-errors' };
  }
  return kind satisfies never;
}

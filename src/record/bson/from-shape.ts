import type { Shape, ShapeValue } from '../shape.ts';
import type { LeafField } from '../slots.ts';
import { fieldOf } from '../write/leaf-value.ts';
import type { BsonShape, BsonShapeValue } from './shape.ts';

/** Fields in whose place something else is stored, wherever they stand. */
export type ComputedFields = {
  readonly [F in LeafField]?: Extract<BsonShapeValue, { form: 'computed' }>['compute'];
};

/** A document as BSON: the type of each value follows from its field's. Conditions and derived texts have no form there. */
export const bsonShapeOf = (document: Shape, computed: ComputedFields = {}): BsonShape =>
  document.map(({ key, value }) => ({ key, value: bsonValueOf(value, computed) }));

function bsonValueOf(value: ShapeValue, computed: ComputedFields): BsonShapeValue {
  if (value.form === 'object')
    return { form: 'object', entries: bsonShapeOf(value.entries, computed) };
  if (value.form === 'constant') return { form: 'constant', text: String(JSON.parse(value.json)) };
  const field = fieldOf(value);
  const compute = computed[field];
  return compute === undefined ? { form: 'field', field } : { form: 'computed', compute };
}

import { type Field, fields } from './fields.ts';

/** Every leaf of a record: what a scan finds the place of. */
export type LeafField = Field['name'];

/**
 * The place of a leaf's value within the record's bytes is kept under the leaf's slot, its row in the table of fields; 0
 * means the field is missing (no value can be at offset 0 in either encoding). Both encodings share the numbers, so that
 * a shape can be prepared once for both.
 */
export const slotOf = Object.fromEntries(fields.map(({ name, slot }) => [name, slot])) as {
  readonly [F in LeafField]: number;
};

/** Number of leaves. An encoding may keep more slots of its own behind them. */
export const slotCount = fields.length;

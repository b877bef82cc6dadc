import type { Shape } from '../shape.ts';
import type { DocumentWriter } from '../write/compiled-writer.ts';
import { compileShape } from './compile.ts';

/**
 * Writes the document a shape describes, by Go's JSON rules (tyk-pump.md, "JSON as Go writes it"), keys in the order of
 * the shape. Made once, when a pump opens: it remembers what it has worked out for the shape, which must not change after.
 */
export const jsonWriter = (shape: Shape): DocumentWriter => compileShape(shape);

import type { RecordWriter } from '../write/compiled-writer.ts';
import { compileBson } from './compile.ts';
import type { BsonShape } from './shape.ts';

/**
 * Writes the elements that a shape describes, in its order, without the size before and the NUL behind them that make them a
 * document: whoever stores it has an `_id` to add. Made once, when a pump opens.
 */
export const bsonWriter = (shape: BsonShape): RecordWriter => compileBson(shape);

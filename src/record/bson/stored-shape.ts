import { treeOf } from '../field-tree.ts';
import { type Field, gatewayFields } from '../fields.ts';
import { shapeOfTree } from '../full-shape.ts';
import type { Shape } from '../shape.ts';
import { bsonShapeOf } from './from-shape.ts';
import type { BsonShape } from './shape.ts';

/** What Tyk Pump does not store of a record. */
const isStored = ({ name }: Field): boolean =>
  !/^(?:api_schema$|graphql_stats\.|mcp_stats\.)/.test(name);

/** Names are Go's in small letters, but for one. */
const nameOf = ({ go }: Field): string => (go === 'ExpireAt' ? 'expireAt' : go.toLowerCase());

/** The record as Tyk Pump stores it in MongoDB, without its `_id` (tyk-pump.md, "Fields"). */
export const storedDocument: Shape = shapeOfTree(treeOf(gatewayFields.filter(isStored), nameOf));

/** The same as BSON. */
export const storedShape: BsonShape = bsonShapeOf(storedDocument);

import { type FieldTree, treeOf } from '../field-tree.ts';
import { type Field, gatewayFields } from '../fields.ts';
import type { BsonShape } from './shape.ts';

/** What Tyk Pump does not store of a record. */
const isStored = ({ name }: Field): boolean =>
  !/^(?:api_schema$|graphql_stats\.|mcp_stats\.)/.test(name);

/** Names are Go's in small letters, but for one. */
const nameOf = ({ go }: Field): string => (go === 'ExpireAt' ? 'expireAt' : go.toLowerCase());

/** The record as Tyk Pump stores it in MongoDB, without its `_id` (tyk-pump.md, "Fields"). */
export const storedShape: BsonShape = shapeOf(treeOf(gatewayFields.filter(isStored), nameOf));

function shapeOf(tree: FieldTree<Field>): BsonShape {
  return tree.map(({ key, leaf, nodes }) => ({
    key,
    value:
      leaf === undefined
        ? { form: 'object', entries: shapeOf(nodes) }
        : { form: 'field', field: leaf.name },
  }));
}

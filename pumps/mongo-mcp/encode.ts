import { type BsonShape, storedShape } from '#pump';

/** The record, and what it says of MCP. */
export const shape: BsonShape = [
  ...storedShape,
  { key: 'jsonrpcmethod', value: { form: 'field', field: 'mcp_stats.jsonrpc_method' } },
  { key: 'primitivetype', value: { form: 'field', field: 'mcp_stats.primitive_type' } },
  { key: 'primitivename', value: { form: 'field', field: 'mcp_stats.primitive_name' } },
];

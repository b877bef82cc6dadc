import { type Shape, storedDocument } from '#pump';

/** The record, and what it says of MCP. */
export const documentShape: Shape = [
  ...storedDocument,
  { key: 'jsonrpcmethod', value: { form: 'text', field: 'mcp_stats.jsonrpc_method' } },
  { key: 'primitivetype', value: { form: 'text', field: 'mcp_stats.primitive_type' } },
  { key: 'primitivename', value: { form: 'text', field: 'mcp_stats.primitive_name' } },
];

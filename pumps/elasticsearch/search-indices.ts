import { readTls, type SearchIndices } from '#pump';
import { nodesOf } from './nodes.ts';
import type { Options } from './options.ts';
import { settingsOf } from './settings.ts';

/** Where the documents lie, for those who show them. */
export function searchIndicesOf(options: Options): SearchIndices {
  const { index, mcpIndex, roll, isDataStream, template } = settingsOf(options);
  return {
    nodes: nodesOf(options).nodes,
    tls: async (signal) => (options.use_ssl ? readTls(options, signal) : undefined),
    names: mcpIndex === undefined ? [index] : [index, mcpIndex],
    isDaily: roll !== 'never',
    isDataStream,
    template,
  };
}

import type { ConnectionOptions } from 'node:tls';

/**
 * Where a pump's documents lie in an Elasticsearch or OpenSearch, and how to get there: what `sluice kibana` need not be told
 * where the pump says it.
 */
export interface SearchIndices {
  readonly nodes: readonly SearchNode[];
  /** Reads the files of the TLS options; undefined: as the system verifies. Rejects where a file cannot be read. */
  tls(signal: AbortSignal): Promise<ConnectionOptions | undefined>;
  /** Without dates: of calls, and of MCP calls where those have their own. */
  readonly names: readonly [string, ...string[]];
  /** Each day has an index of its own, by its name. */
  readonly isDaily: boolean;
  readonly isDataStream: boolean;
  /** Of the index template that the pump itself makes; undefined: none. */
  readonly template: string | undefined;
}

export interface SearchNode {
  /** Without user and password. */
  readonly url: URL;
  /** The `Authorization` header; undefined: none. */
  readonly authorization: string | undefined;
}

/** What an index template of ours says of itself: whoever made it may change it. */
export const templateMark = { managed_by: 'sluice' } as const;

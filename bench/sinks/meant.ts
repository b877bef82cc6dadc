import { benchRecord } from '../records/record.ts';

/** Whether a pump is told of record `index`. */
export type IsMeant = (index: number) => boolean;

/** Calls of MCP have pumps of their own. */
export const isNoMcp: IsMeant = (index) => benchRecord(index, '1KB').mcp_stats?.is_mcp !== true;

/** Those of GraphQL are counted apart as well. */
export const isRest: IsMeant = (index) =>
  isNoMcp(index) && benchRecord(index, '1KB').graphql_stats?.IsGraphQL !== true;

const counts = new WeakMap<IsMeant, Map<number, number>>();

/** How many of the first records are meant. Counted once: making records takes longer than storing them. */
export function meantOf(records: number, isMeant: IsMeant): number {
  const known = counts.get(isMeant) ?? new Map<number, number>();
  counts.set(isMeant, known);
  let count = known.get(records);
  if (count === undefined) {
    count = 0;
    for (let index = 0; index < records; index++) if (isMeant(index)) count++;
    known.set(records, count);
  }
  return count;
}

const shards = ['', '_0', '_1', '_2', '_3', '_4', '_5', '_6', '_7', '_8', '_9'];

/** The gateway's lists without the endings of their encodings: the bare name and ten shards (tyk-pump.md, "Lists"). */
export const listNames = (prefix: string): readonly string[] =>
  shards.map((shard) => `${prefix}tyk-system-analytics${shard}`);

/** The gateway's list of uptime records, under a prefix of its own (tyk-pump.md, "Lists"). */
export const uptimeName = (prefix: string): string => `${prefix}tyk-uptime-analytics`;

/**
 * Key names. Every key of ours is `{K}:…` for a gateway list K, so it shares K's cluster slot and a script may touch
 * both. K itself holds no brace (checked at start).
 */
export const segmentKey = (list: string, segment: string): string => `{${list}}:seg:${segment}`;
export const manifestKey = (list: string): string => `{${list}}:manifest`;
/** Hash: retained bytes, the segment counter, when each route was last seen. */
export const stateKey = (list: string): string => `{${list}}:state`;
/** Hash: record id → dead letter. */
export const deadKey = (list: string, route: string): string => `{${list}}:dead:${route}`;
/** Sorted set: record id by time, the order in which dead letters go at their bound. */
export const deadOrderKey = (list: string, route: string): string =>
  `{${list}}:dead:${route}:order`;
/** Sorted set: record ids that an operator wants delivered again. */
export const retryKey = (list: string, route: string): string => `${deadKey(list, route)}:retry`;
/** List: the claimed segments, oldest first, each as `<segment>|<id of its last manifest entry>|<bytes>`. */
export const segmentsKey = (list: string): string => `{${list}}:segments`;
/** Hash: per route what it has answered for, ever (`<route>|<outcome>`), and where its count began (`<route>|from`). */
export const ledgerKey = (list: string): string => `{${list}}:ledger`;
/** Hash: what operators want of routes, `<route>|<control>` (route/controls/store.ts). Of one list for all that a route reads. */
export const controlsKey = (list: string): string => `{${list}}:controls`;

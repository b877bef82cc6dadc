import { shownHostPort } from '../../lib/host-port.ts';
import type { Exchange } from '../exchange.ts';

/**
 * The tags of a record: those of the call, and behind them what a gateway's records have no field for. All of ours begin with
 * `cap-`, so that aggregates can leave them out (`ignore_tag_prefix_list`).
 */
export function tagsOf(exchange: Exchange, isTruncated: boolean, cluster = ''): readonly string[] {
  const { source, direction, server, scheme, tls, isOpaque, error, call } = exchange;
  const tags = [...(call.tags ?? []), `cap-source-${source}`, `cap-dir-${direction}`];
  if (server !== undefined)
    tags.push(
      server.port === 0
        ? `cap-peer-unix:${server.address}`
        : `cap-peer-${shownHostPort({ host: server.address, port: server.port })}`,
    );
  if (tls !== undefined) tags.push(`cap-tls-${(tls.version ?? 'unknown').replace(/^TLSv/, '')}`);
  if (scheme === 'tcp') tags.push('cap-tcp');
  if (isOpaque) tags.push('cap-opaque');
  if (error !== undefined) tags.push(`cap-error-${error.kind}`);
  if (isTruncated) tags.push('cap-truncated');
  if (cluster !== '') tags.push(`cap-cluster-${cluster}`);
  return tags;
}

import type { Cluster, Redis } from 'ioredis';
import { type HandshakeEars, watchHandshake } from './connect-handshake.ts';
import type { OutageLog } from './connect-outage.ts';

/** One node of a Cluster away leaves the others at work: said once per node and outage. */
export function watchNodes(cluster: Cluster, outage: OutageLog, ears: HandshakeEars): void {
  const nodes = new Map<string, OutageLog>();
  cluster.on('node error', (error: unknown, address: string) => {
    if (cluster.status !== 'ready') return;
    const node = nodes.get(address) ?? outage.of(address);
    nodes.set(address, node);
    node.away(error);
  });
  cluster.on('+node', (node: Redis) => {
    watchHandshake(node, ears);
    const { host = '', port = 0 } = node.options;
    // As the library writes it, too.
    const address = `${host}:${port}`;
    const sayBack = (): void => {
      nodes.get(address)?.back();
      nodes.delete(address);
    };
    // A node that hangs is still connected to: its system does that.
    node.on('ready', () => {
      node.ping().then(sayBack, () => undefined);
    });
  });
}

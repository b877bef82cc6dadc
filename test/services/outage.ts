import { startTcpProxy } from '../faults/tcp-proxy.ts';

/** A port before a server, which goes away, comes back and hangs, as `sinkContract` asks for. */
export interface Outage {
  readonly port: number;
  break(): Promise<void>;
  restore(): Promise<void>;
  stall(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOutage(target: number): Promise<Outage> {
  const proxy = await startTcpProxy(target);
  const set = (kind: 'open' | 'cut' | 'blackHole'): Promise<void> => {
    proxy.set({ kind });
    return Promise.resolve();
  };
  return {
    port: proxy.port,
    break: () => set('cut'),
    restore: () => set('open'),
    stall: () => set('blackHole'),
    stop: () => proxy.stop(),
  };
}

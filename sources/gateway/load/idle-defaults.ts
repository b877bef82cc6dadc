/** For those who read definitions and send no calls: nothing is known of upstreams, and none is looked at. */
import { Balancers } from '../balance/balancers.ts';
import { type DefinitionDefaults, UpstreamPool } from '../definition/target.ts';

export const idleDefaults = (): DefinitionDefaults => ({
  connectTimeout: 1000,
  pool: new UpstreamPool(),
  balance: {
    balancers: new Balancers({
      ejection: {
        ...{ serverErrors: 0, gatewayErrors: 0, time: 0 },
        ...{ mostPercent: 100, leastHealthyPercent: 0 },
      },
      clock: { elapsed: () => 0, random: () => 0 },
      eventsOf: () => ({ onEjected: () => undefined }),
    }),
    isDown: () => false,
  },
  srv: { of: (name) => ({ name, records: [] }), resolve: undefined },
  rhythm: { interval: 10_000, timeout: 2000, unhealthyAfter: 3, healthyAfter: 3 },
});

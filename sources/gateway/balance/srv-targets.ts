import type { SrvRecord } from '../../shared/dns/dns-client.ts';
import { serviceDomain, shareOf } from '../../shared/dns/srv-resolver.ts';
import type { Target, Targets } from '../definition/api.ts';
import {
  type DefinitionDefaults,
  type Manner,
  readTarget,
  UpstreamPool,
} from '../definition/target.ts';
import { placeOf } from '../health/check.ts';

export const isSrv = (text: string): boolean => /^srv(?:\+|:)/i.test(text.trim());

export const srvExpected =
  'the name of SRV records, such as "srv://_http._tcp.shop.example/base" or "srv+https://…", without a port';

/** What an address says of the targets that a name's records name. */
interface SrvAddress {
  readonly name: string;
  readonly targetAt: (record: SrvRecord, place: Place) => Target;
}

interface Place {
  readonly pool: UpstreamPool;
  readonly resolve: ((host: string) => Promise<string>) | undefined;
}

/** Undefined: it is none. */
export function readSrv(text: string, manner: Manner): SrvAddress | undefined {
  const [, scheme = 'http', name, rest = ''] =
    /^srv(?:\+(https?|h2c))?:\/\/([\w.-]+?)\.?([/?].*)?$/i.exec(text.trim()) ?? [];
  if (name === undefined) return undefined;
  const common = readTarget(`${scheme}://${name}${rest}`, manner, new UpstreamPool());
  if (common === undefined) return undefined;
  const domain = serviceDomain(name);
  return {
    name: name.toLowerCase(),
    targetAt: ({ target, port }, { pool, resolve }) => ({
      ...common,
      host: domain,
      upstream: pool.of({
        ...common.upstream,
        ...{ host: target, port },
        ...(common.upstream.protocol === 'https:'
          ? { tls: { ...common.upstream.tls, servername: domain } }
          : {}),
        ...(resolve === undefined ? {} : { resolve }),
      }),
    }),
  };
}

export interface SrvTargets extends Targets {
  /** Those that there are now. */
  all(): readonly Target[];
}

/** By the priorities and the weights of the records that there are when a call comes. */
export function srvTargetsOf(
  api: string,
  { name, targetAt }: SrvAddress,
  { srv, pool, balance }: Pick<DefinitionDefaults, 'srv' | 'pool' | 'balance'>,
): SrvTargets {
  const known = srv.of(name);
  const balancer = balance.balancers.of(api, [{ key: name, weight: 1 }]);
  const candidateOf = (record: SrvRecord, all: readonly SrvRecord[]) => {
    const target = targetAt(record, { pool, resolve: srv.resolve });
    const place = placeOf(target.upstream);
    return {
      ...{ key: place, target, weight: shareOf(record, all), priority: record.priority },
      isDown: () => balance.isDown(api, place),
    };
  };
  let read: readonly SrvRecord[] = [];
  let candidates: readonly ReturnType<typeof candidateOf>[] = [];
  const now = (): typeof candidates => {
    const { records } = known;
    if (records !== read) candidates = records.map((record) => candidateOf(record, records));
    read = records;
    return candidates;
  };
  return {
    host: serviceDomain(name),
    all: () => now().map(({ target }) => target),
    next() {
      const share = balancer.choose(now());
      return share && { target: share.candidate.target, ended: (end) => share.ended(end) };
    },
  };
}

import { type Counted, isLimited } from '../limits/limiter.ts';
import { storedKey } from '../session/key-hash.ts';
import type { Session } from '../session/session.ts';
import type { Call } from './call.ts';

/** Counts a call against the limits of its key; undefined: it has none that count here. */
export function countCall({ api, rules }: Call, session: Session): Promise<Counted> | undefined {
  const own = session.limitsOfApis.get(api.id);
  const { rate, per, quota, quotaPeriod } = own ?? session.limits;
  const limits = {
    ...(api.limits.rate ? { rate, per } : { rate: 0, per: 0 }),
    ...(api.limits.quota ? { quota, quotaPeriod } : { quota: 0, quotaPeriod: 0 }),
  };
  if (!isLimited(limits)) return undefined;
  // Keys of one developer count together, as with the gateway.
  const developer = session.meta['tyk_developer_id'];
  const whose =
    typeof developer === 'string' ? developer : storedKey(session.key, rules.identities.naming);
  const scope = own === undefined || own.scope === '' ? '' : `${own.scope}-`;
  return rules.limiter.count(`${scope}${whose}`, limits);
}

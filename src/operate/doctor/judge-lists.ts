import type { PurgeConfig } from '../../config/config.ts';
import type { ListLook, Untold } from '../../purge/bounds/list-look.ts';
import { amiss, type Finding, ok, shownTime } from './finding.ts';

export interface LookedAt {
  readonly list: string;
  readonly look: ListLook | Untold;
}

/** How long the gateway's lists live, by those that there are just now. */
export function judgeExpiry(lists: readonly LookedAt[], { delay }: PurgeConfig): Finding {
  const check = 'list expiry';
  const refused = lists.flatMap(({ look }) => ('refusal' in look ? [look.refusal] : []));
  if (refused.length > 0)
    return amiss(check, 'note', {
      what: `not known: ${refused[0] ?? ''}`,
      why: 'what expires while claiming pauses cannot be counted',
      remedy: 'Permit PTTL and LLEN on the gateway’s lists.',
    });
  const there = lists.flatMap(({ list, look }) =>
    'refusal' in look || look.records === 0 ? [] : [{ list, ...look }],
  );
  if (there.length === 0) return ok(check, 'no list of the gateway’s has records just now');
  const expiring = there.filter(({ expiresIn }) => expiresIn !== undefined);
  if (expiring.length === 0)
    return ok(check, `${there.length} lists with records, none of which expires`);
  const [first] = expiring.toSorted((a, b) => (a.expiresIn ?? 0) - (b.expiresIn ?? 0));
  const left = first?.expiresIn ?? 0;
  const what = `${first?.records ?? 0} records of ${first?.list ?? ''} expire in ${shownTime(left)} unless they are claimed`;
  if (left > delay * 2) return ok(check, what);
  return amiss(check, 'warning', {
    what,
    why: `a round comes every ${shownTime(delay)} (purge_delay), and what expires before one is lost`,
    remedy:
      'Start the service, lower purge_delay, or raise analytics_config.storage_expiration_time of the gateway.',
  });
}

/** Lists that another version laid out, with why they may not be touched. */
export function judgeLayouts(
  foreign: readonly { readonly list: string; readonly reason: string }[],
): readonly Finding[] {
  if (foreign.length === 0) return [ok('layout', 'known')];
  return foreign.map(({ list, reason }) => ({
    subject: list,
    ...amiss('layout', 'error', {
      what: reason,
      why: 'nothing of the list is touched: its records expire',
      remedy:
        'Run the version that wrote the keys, or a later one (docs/configuration.md, "Another version").',
    }),
  }));
}

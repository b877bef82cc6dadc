import type { Dice } from './dice.ts';

/** How a sink treats requests. `share`: in how many of the cases; the others go well. */
export type Behaviour =
  | { readonly kind: 'healthy' }
  | { readonly kind: 'slow'; readonly ms: number }
  /** No answer until the behaviour changes; `stores` says whether the documents are written all the same. */
  | { readonly kind: 'hanging'; readonly stores: boolean }
  /** The whole request is refused. */
  | { readonly kind: 'status'; readonly status: 429 | 500 | 502 | 503; readonly share: number }
  /** Single items are refused for now. */
  | { readonly kind: 'items'; readonly status: 429 | 500 | 503; readonly share: number }
  /** The connection is reset, before or after the write. */
  | { readonly kind: 'reset'; readonly stores: boolean; readonly share: number }
  /** Written, and the answer ends in its middle with the connection. */
  | { readonly kind: 'cut'; readonly share: number }
  /** Written, and the answer is complete but no JSON. */
  | { readonly kind: 'malformed'; readonly share: number }
  /** Half of the items are written, and the answer names only those. */
  | { readonly kind: 'half'; readonly share: number }
  /** Each request something else of the above. */
  | { readonly kind: 'chaos' };

/** What one request gets. */
export type Treatment =
  | {
      readonly kind: 'serve';
      readonly delay: number;
      readonly refuseItems: ItemRefusal | undefined;
    }
  | { readonly kind: 'refuse'; readonly status: number }
  | { readonly kind: 'hang' | 'reset'; readonly stores: boolean }
  | { readonly kind: 'cut' | 'malformed' | 'half' };

export interface ItemRefusal {
  readonly status: 429 | 500 | 503;
  readonly share: number;
}

const serve = (delay = 0, refuseItems?: ItemRefusal): Treatment => ({
  kind: 'serve',
  delay,
  refuseItems,
});

export function treat(behaviour: Behaviour, dice: Dice): Treatment {
  switch (behaviour.kind) {
    case 'healthy':
      return serve();
    case 'slow':
      return serve(behaviour.ms);
    case 'hanging':
      return { kind: 'hang', stores: behaviour.stores };
    case 'status':
      return dice.hits(behaviour.share) ? { kind: 'refuse', status: behaviour.status } : serve();
    case 'items':
      return serve(0, behaviour);
    case 'reset':
      return dice.hits(behaviour.share) ? { kind: 'reset', stores: behaviour.stores } : serve();
    case 'cut':
    case 'malformed':
    case 'half':
      return dice.hits(behaviour.share) ? { kind: behaviour.kind } : serve();
    case 'chaos':
      return treat(dice.pick(chaos), dice);
    default:
      return behaviour satisfies never;
  }
}

const chaos: readonly [Behaviour, ...Behaviour[]] = [
  { kind: 'healthy' },
  { kind: 'healthy' },
  { kind: 'slow', ms: 300 },
  { kind: 'status', status: 503, share: 1 },
  { kind: 'status', status: 429, share: 1 },
  { kind: 'items', status: 429, share: 0.3 },
  { kind: 'items', status: 500, share: 0.3 },
  { kind: 'reset', stores: false, share: 1 },
  { kind: 'reset', stores: true, share: 1 },
  { kind: 'cut', share: 1 },
  { kind: 'malformed', share: 1 },
  { kind: 'half', share: 1 },
];

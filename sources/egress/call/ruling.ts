import type { Clock } from '#source';
import { createJudge, type Judge } from '../policy/verdict.ts';
import type { Rules } from '../rules/model.ts';
import type { Resolver } from './resolver.ts';
import { createRouter, type Router, type RouterParts } from './router.ts';
import { HttpUpstreams } from './upstreams.ts';

/** A set of rules, and all that follows from it. Reloading makes another one: what began under this one ends under it. */
export interface Ruling {
  readonly judge: Judge;
  readonly router: Router;
  readonly upstreams: HttpUpstreams;
}

/** The ruling that counts now. */
export interface Rulings {
  readonly current: Ruling;
}

export function rulingOf(
  rules: Rules,
  parts: { readonly resolver: Resolver; readonly clock: Clock } & Pick<
    RouterParts,
    'onEjected' | 'services'
  >,
): Ruling {
  const judge = createJudge(rules);
  return { judge, router: createRouter({ ...parts, judge }), upstreams: new HttpUpstreams() };
}

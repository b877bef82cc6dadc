import { usualBounds } from './bounds.ts';
import { mergedBooks, type ViolationBook } from './compare/violation-book.ts';
import { ApiModel } from './model.ts';
import { mergeNodes } from './paths/tree.ts';

export interface Observed {
  readonly model: ApiModel;
  readonly violations: ViolationBook;
}

/**
 * What several models have learned, as one would have that had seen the calls of all. Neither their order nor what is merged first makes
 * a difference. The parts of the models go into the merged one, so they are not to be used any more.
 *
 * It has what all of them have, even beyond the bounds of one: only what comes later is left out then.
 */
export function merged(parts: readonly Observed[]): Observed {
  const whole = new ApiModel(usualBounds);
  for (const { model } of parts) {
    whole.calls += model.calls;
    for (const [loss, times] of model.room.lost) whole.room.lose(loss, times);
    for (const [host, root] of model.hosts) {
      const known = whole.hosts.get(host);
      if (known === undefined) whole.hosts.set(host, root);
      else mergeNodes(known, root);
    }
  }
  whole.recount();
  return { model: whole, violations: mergedBooks(parts.map(({ violations }) => violations)) };
}

import { losses } from '../bounds.ts';
import type { ViolationBook } from '../compare/violation-book.ts';
import type { ApiModel } from '../model.ts';

/** Of the file's format. One that is higher is refused. */
export const stateVersion = 1;

/**
 * All that a model needs to go on, as JSON: maps as lists of pairs, sets as lists; what is undefined, 0 or empty is left out. Nothing in it is a
 * value of a call, but words of enumerations.
 */
export function encodeModel(model: ApiModel, violations?: ViolationBook): string {
  const hosts = [...model.hosts];
  const lost = losses.flatMap((loss) => {
    const count = model.room.lost.get(loss);
    return count === undefined ? [] : [[loss, count]];
  });
  const state = { sluiceModel: stateVersion, calls: model.calls, lost, hosts };
  return JSON.stringify({ ...state, violations: violations?.toJson() }, plain);
}

function plain(this: unknown, _: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) return null;
  const isPlaced = Array.isArray(this);
  if (value instanceof Map || value instanceof Set)
    return value.size === 0 && !isPlaced ? undefined : [...value];
  return value === 0 && !isPlaced ? undefined : value;
}

import type { ShapeValue } from '../shape.ts';
import type { LeafField } from '../slots.ts';

/** A value that one field stands for. */
export type LeafValue = Exclude<ShapeValue, { form: 'object' | 'constant' }>;

export function fieldOf(value: LeafValue): LeafField {
  switch (value.form) {
    case 'city-names':
      return 'geo.city.names';
    case 'graph-types':
      return 'graphql_stats.Types';
    case 'graph-errors':
      return 'graphql_stats.Errors';
    default:
      return value.field;
  }
}

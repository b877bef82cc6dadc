/** Patterns of a query as LIKE and GLOB. Rows that are `odd` (columns.ts) are looked at whatever stands here. */
import type { Pattern } from '../../query/tree.ts';
import { longestText, tagMark } from '../store/columns.ts';
import { type Approximation, type Condition, condition, exactly } from './sql.ts';

/** SQLite tries every way in which parts may lie: of more parts, the longest alone. */
const mostParts = 4;

/** Of a column: the whole value fits. */
export function pattern(column: string, parts: Pattern, ignoresCase: boolean): Approximation {
  const [only = ''] = parts;
  if (!canBe(parts)) return exactly(false);
  if (parts.length === 1)
    return exactly(condition(`${column} = ?${ignoresCase ? ' COLLATE NOCASE' : ''}`, only));
  if (parts.length <= mostParts) return exactly(like(column, parts, ignoresCase));
  return { upper: like(column, ['', longest(parts), ''], ignoresCase), lower: false };
}

/** Of the column of tags: one of them fits as a whole. */
export function tagPattern(parts: Pattern, ignoresCase: boolean): Approximation {
  if (!canBe(parts)) return exactly(false);
  const [first = '', ...others] = parts;
  const last = others.at(-1);
  if (last === undefined)
    return exactly(like('tags', ['', `${tagMark}${first}${tagMark}`, ''], ignoresCase));
  if (parts.length > mostParts)
    return { upper: like('tags', ['', longest(parts), ''], ignoresCase), lower: false };
  const upper = like(
    'tags',
    ['', `${tagMark}${first}`, ...others.slice(0, -1), `${last}${tagMark}`, ''],
    ignoresCase,
  );
  // Only one part has a text: what stands beside it cannot be of another tag.
  const isAlone = parts.filter((part) => part !== '').length <= 1;
  return isAlone ? exactly(upper) : { upper, lower: false };
}

/** What no column has that is not odd. */
const canBe = (parts: Pattern): boolean =>
  parts.every((part) => part.length <= longestText && !/[\0\u001f\ufffd]/.test(part));

const longest = (parts: Pattern): string =>
  parts.reduce((most, part) => (part.length > most.length ? part : most));

/** LIKE ignores the case of A to Z and of nothing else, as queries do. */
function like(column: string, parts: Pattern, ignoresCase: boolean): Condition {
  if (ignoresCase) {
    const text = parts.map((part) => part.replace(/[%_\\]/g, '\\$&')).join('%');
    return condition(`${column} LIKE ? ESCAPE '\\'`, text);
  }
  return condition(
    `${column} GLOB ?`,
    parts.map((part) => part.replace(/[*?[]/g, '[$&]')).join('*'),
  );
}

import { most, type Room } from '../bounds.ts';
import { segmentKind } from '../paths/segment-kind.ts';
import { mergeStats } from './merge.ts';
import { isSecretName, isShowable } from './showable.ts';
import { newStats, type ValueStats } from './stats.ts';
import { formatOf } from './text-format.ts';

/** Takes a value of JSON into account. `name`: of the member or the parameter that it is of. */
export function learnValue(
  stats: ValueStats,
  value: unknown,
  name: string,
  room: Room,
  depth = 0,
): void {
  stats.seen++;
  switch (typeof value) {
    case 'boolean':
      stats.booleans++;
      return;
    case 'number':
      learnNumber(stats, value);
      return;
    case 'string':
      learnText(stats, value, name);
      return;
    case 'object':
      if (value === null) stats.nulls++;
      else if (Array.isArray(value)) learnArray(stats, value, name, room, depth);
      else learnObject(stats, Object.entries(value), room, depth);
      return;
    default:
    // JSON has nothing else.
  }
}

function learnNumber(stats: ValueStats, value: number): void {
  if (!Number.isSafeInteger(value)) {
    stats.fractions++;
    return;
  }
  stats.integers++;
  if (Math.abs(value) > 0x7fffffff) stats.large++;
}

/** Of a parameter, which is always a text: a number or a truth value where it looks like one. */
export function learnParameter(stats: ValueStats, text: string, name: string): void {
  stats.seen++;
  if (/^-?(?:0|[1-9]\d{0,14})$/.test(text)) learnNumber(stats, Number(text));
  else if (/^-?\d{1,12}\.\d{1,12}$/.test(text)) stats.fractions++;
  else if (text === 'true' || text === 'false') stats.booleans++;
  else learnText(stats, text, name);
}

function learnText(stats: ValueStats, text: string, name: string): void {
  stats.strings++;
  const format = formatOf(text);
  stats.formats.set(format, (stats.formats.get(format) ?? 0) + 1);
  const { values } = stats;
  if (values === undefined) return;
  const count = values.get(text);
  if (count !== undefined) values.set(text, count + 1);
  else if (values.size < most.enumValues && isShowable(text) && !isSecretName(name))
    values.set(text, 1);
  // One that must not be shown, or one too many: it is no enumeration, and none of it is kept.
  else stats.values = undefined;
}

function learnArray(
  stats: ValueStats,
  values: readonly unknown[],
  name: string,
  room: Room,
  depth: number,
): void {
  stats.arrays++;
  if (depth >= most.depth) {
    room.lose('depth');
    return;
  }
  if (values.length === 0) return;
  if (values.length > most.elements) room.lose('elements', values.length - most.elements);
  if (stats.items === undefined && !room.takePlace()) return;
  const items = (stats.items ??= newStats());
  for (let at = 0; at < values.length && at < most.elements; at++)
    learnValue(items, values[at], name, room, depth + 1);
}

function learnObject(
  stats: ValueStats,
  members: readonly (readonly [string, unknown])[],
  room: Room,
  depth: number,
): void {
  stats.objects++;
  if (depth >= most.depth) {
    room.lose('depth');
    return;
  }
  for (const [name, value] of members) {
    const member = stats.members.get(name);
    if (member !== undefined) {
      learnValue(member, value, name, room, depth + 1);
      continue;
    }
    if (isKey(name) || (stats.entries !== undefined && stats.members.size >= most.members)) {
      learnEntry(stats, value, room, depth);
      continue;
    }
    if (!room.takePlace()) continue;
    const added = newStats();
    stats.members.set(name, added);
    learnValue(added, value, name, room, depth + 1);
    if (stats.members.size > most.members) foldRareMembers(stats);
  }
}

/** A name that is a value itself, such as an id or an address. */
const isKey = (name: string): boolean =>
  name.length > most.nameLength || segmentKind(name) !== undefined;

function learnEntry(stats: ValueStats, value: unknown, room: Room, depth: number): void {
  if (stats.entries === undefined && !room.takePlace()) return;
  learnValue((stats.entries ??= newStats()), value, '', room, depth + 1);
}

/** Members that few objects have become entries of a map: the rarer half of them, at least. */
function foldRareMembers(stats: ValueStats): void {
  const counts = [...stats.members.values()].map(({ seen }) => seen).sort((a, b) => a - b);
  const median = counts[Math.floor(counts.length / 2)] ?? 0;
  // The names in all objects are those that a program wrote.
  const isRare = (seen: number): boolean => seen <= median;
  for (const [name, member] of stats.members) {
    if (!isRare(member.seen)) continue;
    stats.members.delete(name);
    stats.entries = stats.entries === undefined ? member : mergeStats(stats.entries, member);
  }
}

import type { BodyStats, Operation } from '../operations/operation.ts';
import { enumOf } from '../output/json-schema.ts';
import type { ResolvedModel } from '../output/resolved-model.ts';
import { type Habits, requiredAmong } from '../values/required.ts';
import type { ValueStats } from '../values/stats.ts';
import { typesOf } from './types.ts';

/** Something that is otherwise in the second model. */
export interface Change {
  /** Whether a client that the first model describes may fail. */
  readonly isBreaking: boolean;
  readonly host: string;
  readonly method: string;
  readonly path: string;
  /** In the operation: `query.limit`, `request.name`, `200.items[].id`; '' for the operation itself. */
  readonly place: string;
  /** A few fixed words, such as `operation removed`. */
  readonly what: string;
}

/** What of one operation both models say. */
interface Side {
  readonly operation: Operation;
  readonly path: string;
  readonly habits: Habits;
}

/** What a client sends; what it gets. */
type Way = 'request' | 'response';

/** Calls that it takes to say that something is gone: in fewer it may just not have been asked for. */
const fewest = 5;

export function diffOf(before: ResolvedModel, after: ResolvedModel): readonly Change[] {
  const old = operationsOf(before);
  const now = operationsOf(after);
  const changes: Change[] = [];
  for (const [key, side] of old) {
    const other = now.get(key);
    const [host = '', method = ''] = key.split('\n');
    const add = (place: string, what: string, isBreaking: boolean): void => {
      changes.push({ isBreaking, host, method, path: side.path, place, what });
    };
    if (other === undefined) add('', 'operation removed', true);
    else compare(side, other, add);
  }
  for (const [key, { path }] of now) {
    const [host = '', method = ''] = key.split('\n');
    const added = { host, method, path, place: '', what: 'operation added', isBreaking: false };
    if (!old.has(key)) changes.push(added);
  }
  return changes.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1));
}

const orderOf = ({ host, path, method, place, what }: Change): string =>
  [host, path, method, place, what].join('\n');

function operationsOf({ hosts, habits }: ResolvedModel): ReadonlyMap<string, Side> {
  const found = new Map<string, Side>();
  for (const { host, apiPaths } of hosts)
    for (const { template, operations } of apiPaths)
      for (const [method, operation] of operations)
        found.set([host, method, template.replaceAll(/\{[^}]*\}/g, '{}')].join('\n'), {
          ...{ operation, path: template, habits },
        });
  return found;
}

type Add = (place: string, what: string, isBreaking: boolean) => void;

function compare(before: Side, after: Side, add: Add): void {
  const [old, now] = [before.operation, after.operation];
  const isTold = old.recorded > 0 && now.recorded > 0;
  if (isTold) {
    compareNames(
      'query',
      sideOf(old.query, old.recorded, before),
      sideOf(now.query, now.recorded, after),
      'request',
      add,
    );
    compareNames(
      'header',
      sideOf(old.headers, old.recorded, before),
      sideOf(now.headers, now.recorded, after),
      'request',
      add,
    );
    compareBodies('request', old.bodies, now.bodies, 'request', before, after, add);
    compareAuth(old, now, add);
  }
  for (const [status, response] of old.responses) {
    const other = now.responses.get(status);
    if (other === undefined) {
      if (now.count >= fewest) add(String(status), 'status removed', status >= 200 && status < 300);
    } else if (response.recorded > 0 && other.recorded > 0)
      compareBodies(String(status), response.bodies, other.bodies, 'response', before, after, add);
  }
  for (const status of now.responses.keys())
    if (!old.responses.has(status)) add(String(status), 'status added', false);
}

function compareAuth(old: Operation, now: Operation, add: Add): void {
  const wasOpen = sum(old.auth) < old.recorded;
  const isOpen = sum(now.auth) < now.recorded;
  if (wasOpen && !isOpen) add('security', 'credentials became required', true);
  if (!wasOpen && isOpen) add('security', 'credentials became optional', false);
  for (const kind of now.auth.keys())
    if (!old.auth.has(kind)) add('security', `${kind} added`, false);
  for (const kind of old.auth.keys())
    if (!now.auth.has(kind) && now.recorded >= fewest) add('security', `${kind} removed`, true);
}

const sum = (counts: ReadonlyMap<string, number>): number =>
  [...counts.values()].reduce((total, count) => total + count, 0);

interface Names {
  readonly names: ReadonlyMap<string, ValueStats>;
  readonly required: ReadonlySet<string>;
  readonly seen: number;
}

const sideOf = (names: ReadonlyMap<string, ValueStats>, seen: number, { habits }: Side): Names => ({
  names,
  seen,
  required: requiredAmong(names, seen, habits),
});

function compareBodies(
  place: string,
  old: ReadonlyMap<string, BodyStats>,
  now: ReadonlyMap<string, BodyStats>,
  way: Way,
  before: Side,
  after: Side,
  add: Add,
): void {
  for (const [type, body] of old) {
    const other = now.get(type);
    if (other === undefined) add(place, `content type ${type} removed`, true);
    else if (body.value.seen > 0 && other.value.seen > 0)
      compareValues(place, body.value, other.value, way, before, after, add);
  }
  for (const type of now.keys())
    if (!old.has(type)) add(place, `content type ${type} added`, false);
}

function compareValues(
  place: string,
  old: ValueStats,
  now: ValueStats,
  way: Way,
  before: Side,
  after: Side,
  add: Add,
): void {
  compareTypes(place, old, now, way, add);
  if (old.objects > 0 && now.objects > 0)
    compareNames(
      place,
      sideOf(old.members, old.objects, before),
      sideOf(now.members, now.objects, after),
      way,
      add,
      (name, one, other) => {
        compareValues(`${place}.${name}`, one, other, way, before, after, add);
      },
    );
  if (old.items !== undefined && now.items !== undefined)
    compareValues(`${place}[]`, old.items, now.items, way, before, after, add);
  if (old.entries !== undefined && now.entries !== undefined)
    compareValues(`${place}.*`, old.entries, now.entries, way, before, after, add);
}

/** A client may fail at a type that it does not know, and a server at one that it no longer takes. */
function compareTypes(place: string, old: ValueStats, now: ValueStats, way: Way, add: Add): void {
  const [were, are] = [typesOf(old), typesOf(now)];
  const gained = are.filter((type) => !were.includes(type));
  const gone = now.seen >= fewest ? were.filter((type) => !are.includes(type)) : [];
  if (gained.length > 0 && gone.length > 0)
    add(place, `type changed from ${were.join(' or ')} to ${are.join(' or ')}`, true);
  else if (gained.length > 0)
    add(place, `${gained.join(' and ')} added to its types`, way === 'response');
  else if (gone.length > 0)
    add(place, `${gone.join(' and ')} removed from its types`, way === 'request');
  const [words, others] = [enumOf(old), enumOf(now)];
  if (words === undefined || others === undefined) return;
  for (const word of others)
    if (!words.includes(word)) add(place, `value "${word}" added`, way === 'response');
  for (const word of words)
    if (!others.includes(word)) add(place, `value "${word}" removed`, way === 'request');
}

function compareNames(
  place: string,
  old: Names,
  now: Names,
  way: Way,
  add: Add,
  both?: (name: string, one: ValueStats, other: ValueStats) => void,
): void {
  for (const [name, stats] of old.names) {
    const other = now.names.get(name);
    const at = `${place}.${name}`;
    if (other === undefined) {
      if (now.seen >= fewest || old.required.has(name)) add(at, 'removed', way === 'response');
      continue;
    }
    if (old.required.has(name) && !now.required.has(name))
      add(at, 'became optional', way === 'response');
    if (!old.required.has(name) && now.required.has(name))
      add(at, 'became required', way === 'request');
    if (both === undefined) compareTypes(at, stats, other, way, add);
    else both(name, stats, other);
  }
  for (const name of now.names.keys()) {
    if (old.names.has(name)) continue;
    const isRequired = now.required.has(name);
    add(
      `${place}.${name}`,
      isRequired ? 'added, required' : 'added',
      way === 'request' && isRequired,
    );
  }
}

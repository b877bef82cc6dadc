import { losses, type ModelBounds } from '../bounds.ts';
import { ViolationBook } from '../compare/violation-book.ts';
import { ApiModel } from '../model.ts';
import type { BodyStats, Operation, ResponseStats } from '../operations/operation.ts';
import type { PathNode, ValueKind } from '../paths/node.ts';
import type { ValueStats } from '../values/stats.ts';
import { stateVersion } from './encode.ts';
import { ModelFileError, Reader } from './reader.ts';

interface ModelFile {
  readonly model: ApiModel;
  readonly violations: ViolationBook;
}

/** What a file holds. Throws `ModelFileError` where it is no model. */
export function decodeModel(json: string, bounds?: ModelBounds): ModelFile {
  const reader = new Reader(parsed(json));
  const version = reader.member('sluiceModel');
  if (version.isAbsent) throw new ModelFileError('there is no .sluiceModel in it');
  if (version.count !== stateVersion)
    throw new ModelFileError(
      `.sluiceModel is ${String(version.count)}, expected ${String(stateVersion)}: it was written by another version`,
    );
  const model = new ApiModel(bounds, reader.member('hosts').map(text, node));
  model.calls = reader.member('calls').count;
  for (const [loss, times] of reader.member('lost').map(text, count)) {
    const known = losses.find((each) => each === loss);
    if (known !== undefined) model.room.lose(known, times);
  }
  model.recount();
  return { model, violations: ViolationBook.from(reader.member('violations')) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    throw new ModelFileError('it is no JSON');
  }
}

const text = (reader: Reader): string => reader.text;
const numberOf = (reader: Reader): number => (reader.isAbsent ? 0 : reader.number);
const count = (reader: Reader): number => reader.count;

function node(reader: Reader): PathNode {
  const only = reader.member('only');
  return {
    hits: reader.member('hits').count,
    literals: reader.member('literals').map(text, node),
    parameters: reader.member('parameters').map(text, node),
    operations: reader.member('operations').map(text, operation),
    kinds: reader.member('kinds').map((kind) => kind.text as ValueKind, count),
    taken: reader.member('taken').count,
    only: only.isAbsent ? null : only.text,
    reviewAt: reader.member('reviewAt').count,
  };
}

function operation(reader: Reader): Operation {
  const [first, last] = [reader.member('firstSeen'), reader.member('lastSeen')];
  const latency = reader.member('latency');
  return {
    count: reader.member('count').count,
    recorded: reader.member('recorded').count,
    firstSeen: first.isAbsent ? Number.POSITIVE_INFINITY : first.number,
    lastSeen: last.isAbsent ? Number.NEGATIVE_INFINITY : last.number,
    query: reader.member('query').map(text, values),
    headers: reader.member('headers').map(text, values),
    cookies: reader.member('cookies').map(text, count),
    auth: reader.member('auth').map(text, count),
    bodies: reader.member('bodies').map(text, body),
    responses: reader.member('responses').map(({ number }) => number, response),
    latency: {
      sum: numberOf(latency.member('sum')),
      max: numberOf(latency.member('max')),
      buckets: latency.member('buckets').list.map(count),
    },
  };
}

const response = (reader: Reader): ResponseStats => ({
  count: reader.member('count').count,
  recorded: reader.member('recorded').count,
  headers: reader.member('headers').map(text, values),
  bodies: reader.member('bodies').map(text, body),
});

const body = (reader: Reader): BodyStats => ({
  count: reader.member('count').count,
  unread: reader.member('unread').count,
  value: values(reader.member('value')),
  files: new Set(reader.member('files').list.map(text)),
});

function values(reader: Reader): ValueStats {
  const optional = <T>(name: string, read: (member: Reader) => T): T | undefined => {
    const member = reader.member(name);
    return member.isAbsent ? undefined : read(member);
  };
  return {
    seen: reader.member('seen').count,
    nulls: reader.member('nulls').count,
    booleans: reader.member('booleans').count,
    integers: reader.member('integers').count,
    large: reader.member('large').count,
    fractions: reader.member('fractions').count,
    strings: reader.member('strings').count,
    formats: reader.member('formats').map(text, count),
    values: optional('values', (member) => member.map(text, count)),
    arrays: reader.member('arrays').count,
    items: optional('items', values),
    objects: reader.member('objects').count,
    members: reader.member('members').map(text, values),
    entries: optional('entries', values),
  };
}

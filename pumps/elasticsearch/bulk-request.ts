import {
  ByteWriter,
  type Entry,
  type Literal,
  literalOf,
  type Millis,
  type Shape,
  writeJson,
} from '#pump';
import { documentId, jsonId, pathId } from './document-id.ts';
import { documentShape } from './encode.ts';
import { type IndexOf, indexNames } from './index-name.ts';
import type { Settings } from './settings.ts';
import { type Dialect, hasTypes } from './version.ts';

/** One request and the records it is about, in its order. */
export interface WriteRequest {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  /** The same, to be answered with the ids of the documents. */
  readonly pathForIds: string;
  readonly body: Buffer;
  readonly entries: readonly Entry[];
}

/** Turns records into requests; `now` gives a rolling index its date. */
export type Encoder = (entries: readonly Entry[], now: Millis) => readonly WriteRequest[];

export function createEncoder(settings: Settings, dialect: Dialect): Encoder {
  // One writer for all batches: it is as large as they are from the second on.
  const encoding = { settings, dialect, shape: documentShape(settings), out: new ByteWriter() };
  return settings.isBulk
    ? (entries, now) => bulkRequests(entries, now, encoding)
    : (entries, now) => singleRequests(entries, now, encoding);
}

interface Encoding {
  readonly settings: Settings;
  readonly dialect: Dialect;
  readonly shape: Shape;
  readonly out: ByteWriter;
}

/** `create` never overwrites; with ids that may collide or none it would refuse or mean nothing. */
const operationOf = ({ ids, isDataStream }: Settings): 'create' | 'index' =>
  ids === 'record' || isDataStream ? 'create' : 'index';

/** The parts of an answer that verdicts are made of. All else would be most of its bytes. */
const answerParts = 'filter_path=errors,items.*.status,items.*.error';
const answerPartsWithIds = `${answerParts},items.*._id`;

function bulkRequests(
  entries: readonly Entry[],
  now: Millis,
  { settings, dialect, shape, out }: Encoding,
): readonly WriteRequest[] {
  const pathFor = (parts: string): string => `/_bulk?${[parts, ...pipelineOf(settings)].join('&')}`;
  const [path, pathForIds] = [pathFor(answerParts), pathFor(answerPartsWithIds)];
  const writeAction = actions(now, { settings, dialect, out });
  const ends = entries.map((entry) => {
    writeAction(entry);
    writeJson(shape, entry.record, out);
    out.byte(0x0a);
    return out.length;
  });
  const body = out.take();
  return cut(ends, settings.bodyBytes).map(({ from, to, start, end }) => ({
    method: 'POST',
    path,
    pathForIds,
    body: body.subarray(start, end),
    entries: entries.slice(from, to),
  }));
}

/** Writes the action line of an entry. */
function actions(
  now: Millis,
  { settings, dialect, out }: Omit<Encoding, 'shape'>,
): (entry: Entry) => void {
  const indexOf = indexNames(settings, now);
  const type = hasTypes(dialect) ? `,"_type":${JSON.stringify(settings.type)}` : '';
  const operation = operationOf(settings);
  const headOf = (index: string): string =>
    `{"${operation}":{"_index":${JSON.stringify(index)}${type}`;
  if (settings.ids === 'record') return plainActions(indexOf, headOf, out);
  return (entry) => {
    out.utf8(headOf(indexOf(entry.record)));
    const id = documentId(settings.ids, entry);
    if (id !== undefined) {
      out.ascii(',"_id":');
      out.utf8(jsonId(id));
    }
    out.ascii('}}\n');
  };
}

/** Those with the record's own id, which is ASCII without anything to escape. Neighbours are mostly of one segment. */
function plainActions(
  indexOf: IndexOf,
  headOf: (index: string) => string,
  out: ByteWriter,
): (entry: Entry) => void {
  const heads = new Map<string, { readonly segment: string; readonly head: Literal }>();
  const tail = literalOf('"}}\n');
  return ({ segment, index: place, record }) => {
    const index = indexOf(record);
    let known = heads.get(index);
    if (known?.segment !== segment) {
      known = { segment, head: literalOf(`${headOf(index)},"_id":"${segment}:`) };
      heads.set(index, known);
    }
    out.literal(known.head);
    out.ascii(String(place));
    out.literal(tail);
  };
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly end: number;
}

/** Cuts documents that end at `ends` into parts of at most `limit` bytes; a larger document is a part of its own. */
function cut(ends: readonly number[], limit: number): readonly Part[] {
  if (ends.length === 0) return [];
  const parts: Part[] = [];
  let from = 0;
  let start = 0;
  for (const [at, end] of ends.entries()) {
    const previous = ends[at - 1] ?? 0;
    if (at > from && end - start > limit) {
      parts.push({ from, to: at, start, end: previous });
      from = at;
      start = previous;
    }
  }
  return [...parts, { from, to: ends.length, start, end: ends.at(-1) ?? 0 }];
}

function singleRequests(
  entries: readonly Entry[],
  now: Millis,
  { settings, dialect, shape, out }: Encoding,
): readonly WriteRequest[] {
  const indexOf = indexNames(settings, now);
  const type = encodeURIComponent(hasTypes(dialect) ? settings.type : '_doc');
  const isCreate = operationOf(settings) === 'create';
  const query = [...(isCreate ? ['op_type=create'] : []), ...pipelineOf(settings)].join('&');
  return entries.map((entry) => {
    const id = documentId(settings.ids, entry);
    const target = `/${encodeURIComponent(indexOf(entry.record))}/${type}`;
    const path = id === undefined ? target : `${target}/${pathId(id)}`;
    const pathAndQuery = query === '' ? path : `${path}?${query}`;
    writeJson(shape, entry.record, out);
    return {
      method: id === undefined ? 'POST' : 'PUT',
      path: pathAndQuery,
      pathForIds: pathAndQuery,
      body: out.take(),
      entries: [entry],
    };
  });
}

const pipelineOf = ({ pipeline }: Settings): readonly string[] =>
  pipeline === undefined ? [] : [`pipeline=${encodeURIComponent(pipeline)}`];
